import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { effort } from '../../../test/support/effort.ts'
import { fleetOver } from '../../../test/support/fleet.ts'
import { failuresOf, waveSizes } from '../../model/values/waves.ts'
import type { Amount } from '../../model/values/waves.ts'
import type { Fleet, FleetAct, TargetRun } from '../port.ts'
import { makeFleetAct, waveOf } from './fleet.ts'
import { standing } from './standing.ts'

const by = { id: 'alice@example.com', host: 'laptop', via: 'order' }
const other = { id: 'bob@example.com', host: 'laptop', via: 'fleet' }

const amount: fc.Arbitrary<Amount> = fc.oneof(
  fc.integer({ min: 1, max: 400 }).map((value) => ({ value, isPercent: false })),
  fc.integer({ min: 1, max: 100_000 }).map((value) => ({ value: value / 1000, isPercent: true })),
)

function fleetOf(total: number, waves: number[], budget: number, more: Partial<Fleet> = {}): Fleet {
  return fleetOver(
    Array.from({ length: total }, (_, at) => ({
      name: `t${at}`,
      run: `run-${at}`,
      key: `t${at}`,
      inputs: {},
    })),
    { waves, budget, ...more },
  )
}

const row = (run: string, state: TargetRun['state'], status = ''): TargetRun => ({
  run,
  state,
  status,
  waiting: '',
  runner: state === 'queued' ? null : 'a',
  size: state === 'queued' ? 0 : 3,
  endedAt: state === 'ended' ? new Date(0) : null,
  declined: {},
})

test('waves reach each target once, in growing shares, whatever their number', () => {
  fc.assert(
    fc.property(fc.array(amount, { maxLength: 6 }), fc.integer({ min: 1, max: 3000 }), (some, total) => {
      const sizes = waveSizes([...some, { value: 100, isPercent: true }], total)
      if (!sizes.ok) throw new Error(sizes.problem.message)
      expect(sizes.value.every((size) => Number.isInteger(size) && size > 0)).toBe(true)
      expect(sizes.value.reduce((sum, size) => sum + size, 0)).toBe(total)
      const places = Array.from({ length: total }, (_, at) => waveOf({ waves: sizes.value }, at + 1))
      expect(places.every((wave, at) => at === 0 || wave >= (places[at - 1] ?? 0))).toBe(true)
      expect(places.at(-1)).toBe(sizes.value.length)
    }),
    effort(200, 3000),
  )
})

test('the budget is exceeded by no more than what ran when it was spent, waves do not overlap, and each target is counted once', () => {
  const plan = fc.record({
    total: fc.integer({ min: 1, max: 120 }),
    waves: fc.array(amount, { maxLength: 4 }),
    budget: amount,
    room: fc.integer({ min: 1, max: 20 }),
    hasApproval: fc.boolean(),
    resumes: fc.integer({ min: 0, max: 2 }),
    // Whether each target fails, and which of those that run ends next.
    dice: fc.infiniteStream(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })),
    faulty: fc.double({ min: 0, max: 1, noNaN: true }),
  })
  fc.assert(
    fc.property(plan, ({ total, waves, budget: share, room, hasApproval, resumes, dice, faulty }) => {
      const sizes = waveSizes([...waves, { value: 100, isPercent: true }], total)
      if (!sizes.ok) throw new Error(sizes.problem.message)
      const budget = failuresOf(share, total)
      const approvers = hasApproval ? ['bob@example.com'] : []
      const fleet = fleetOf(total, sizes.value, budget, { approvers })
      const rows = new Map(fleet.targets.map(({ run }) => [run, row(run, 'queued')]))
      const acts: FleetAct[] = []
      let [left, limit] = [resumes, Infinity]
      const next = (): number => dice.next().value as number
      for (let turn = 0; turn < 20 * total + 100; turn++) {
        const now = standing(fleet, [...rows.values()], acts, 1)
        expect(now.done + now.failed + now.running + now.notStarted).toBe(total)
        expect(now.list.map(({ run }) => run)).toEqual(fleet.targets.map(({ run }) => run))
        expect(now.waves.reduce((sum, { targets }) => sum + targets, 0)).toBe(total)
        // From the moment at which it is spent, only what ran then may still fail.
        if (now.spent >= budget && limit === Infinity) limit = now.failed + now.running
        expect(now.failed).toBeLessThanOrEqual(limit)
        const running = now.list.filter(({ state }) => state === 'running')
        const open = now.list.find(({ state, wave }) => state === 'not-started' && wave <= now.opens)
        if (open && running.length < room && next() < 0.6) {
          expect(
            now.list.every(
              ({ wave, state }) => wave >= open.wave || !['not-started', 'running'].includes(state),
            ),
          ).toBe(true)
          expect(now.spent).toBeLessThan(budget)
          rows.set(open.run, row(open.run, 'owned'))
        } else if (running.length > 0) {
          const one = running[Math.floor(next() * running.length)]
          if (one) rows.set(one.run, row(one.run, 'ended', next() < faulty ? 'failed' : 'succeeded'))
        } else if (now.needsApproval > 0) {
          expect(hasApproval).toBe(true)
          acts.push(
            makeFleetAct({
              fleet: fleet.fleet,
              act: 'approve',
              wave: now.needsApproval,
              reason: '',
              by: other,
            }),
          )
        } else if (now.state === 'stopped' && left-- > 0) {
          acts.push(
            makeFleetAct({ fleet: fleet.fleet, act: 'resume', failed: now.failed, reason: 'go on', by }),
          )
          limit = Infinity
        } else if (!open) {
          expect(['ended', 'stopped']).toContain(now.state)
          if (now.state === 'ended') expect(now.notStarted).toBe(0)
          else expect(now.spent).toBeGreaterThanOrEqual(budget)
          return
        }
      }
      throw new Error('It does not come to an end')
    }),
    effort(60, 5000),
  )
})
