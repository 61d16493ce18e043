import { expect, test } from 'vitest'
import { fleetOver } from '../../../test/support/fleet.ts'
import { problemOf } from '../../model/problem.ts'
import { readOrder } from '../order.ts'
import { statementOf } from '../statement.ts'
import type { FleetAct, TeamFleet } from '../port.ts'
import { actDoubt, originDoubt, readStored, startDoubt } from './believe.ts'
import type { Judge } from './believe.ts'
import { makeFleetAct, orderOfTarget, readFleet, readFleetAct, signFleet } from './fleet.ts'

const bob = { id: 'bob@example.com', host: 'laptop', via: 'fleet' }
const fleet = fleetOver(
  ['x', 'y', 'z'].map((name, at) => ({
    name,
    run: `20261130-081502-patch-k3f${at + 2}`,
    key: `host ${name}`,
    inputs: { target: name },
  })),
  {
    expires: new Date(Date.now() + 3_600_000).toISOString(),
    waves: [1, 2],
    approvers: ['release-manager'],
  },
)
const { by } = fleet
const judge: Judge = {
  check: ({ signature }) => (signature === 'good' ? undefined : 'no key'),
  people: { holders: { 'release-manager': ['bob@example.com'] }, aliases: {}, services: ['ci@services'] },
}
const stored = (acts: FleetAct[] = [], signature = 'good'): TeamFleet => ({
  ...signFleet(fleet, undefined),
  signature,
  fleet: fleet.fleet,
  slug: fleet.slug,
  now: new Date(),
  runs: fleet.targets.map(({ run }, at) => ({
    run,
    state: at === 0 ? 'ended' : 'queued',
    status: at === 0 ? 'succeeded' : '',
    waiting: '',
    runner: null,
    size: 0,
    endedAt: null,
    declined: {},
  })),
  acts: acts.map((act) => ({ statement: statementOf(act), signature: 'good' })),
})
const approval = makeFleetAct({ fleet: fleet.fleet, act: 'approve', wave: 2, reason: '', by: bob })
const doubtOf = (act: FleetAct, signature = 'good'): string | undefined =>
  actDoubt(fleet, act, { statement: statementOf(act), signature }, judge)

test('an order over targets and a decision are read back byte for byte, and not with a field more', () => {
  expect(readFleet(statementOf(fleet))).toEqual({ ok: true, value: fleet })
  expect(readFleetAct(statementOf(approval))).toEqual({ ok: true, value: approval })
  expect(problemOf(readFleet(statementOf({ ...fleet, code: 'rm' })))).toContain('unexpected field')
  expect(readFleet(JSON.stringify(fleet)).ok).toBe(false)
})

test('the order of each target is one that runners read, and follows from the signed list alone', () => {
  for (const place of [1, 2, 3]) {
    const order = orderOfTarget(fleet, place)
    const statement = statementOf(order)
    expect(readOrder(statement)).toEqual({ ok: true, value: order })
    expect(originDoubt(order, statement, stored(), judge)).toBeUndefined()
    expect(originDoubt(order, statement, stored([], 'forged'), judge)).toContain('no key')
    expect(originDoubt(order, statement, undefined, judge)).toContain('not stored')
  }
  const order = orderOfTarget(fleet, 3)
  const changes = [
    { inputs: { target: 'other' } },
    { run: '20261130-081502-patch-zzzz' },
    { fleet: { id: fleet.fleet, target: 'z', wave: 1 } },
    { by: bob },
  ]
  for (const change of changes) {
    const other = { ...order, ...change }
    expect(originDoubt(other, statementOf(other), stored(), judge)).toContain('does not contain it')
  }
})

test('a list whose waves are not its targets is not believed', () => {
  const short = { ...fleet, waves: [1, 1] }
  const row = { ...stored(), statement: statementOf(short) }
  expect(readStored(row, judge)?.doubt).toBe('its waves reach 2 of 3 targets')
  const twice = { ...fleet, targets: [fleet.targets[0], fleet.targets[0], fleet.targets[2]] }
  expect(readStored({ ...row, statement: statementOf(twice as typeof fleet) }, judge)?.doubt).toContain(
    'one run',
  )
})

test.each<[string, FleetAct, string]>([
  ['of whoever ordered', { ...approval, by }, 'nobody approves their own order'],
  ['of a person without the role', { ...approval, by: { ...bob, id: 'carol@example.com' } }, 'is not among'],
  ['of a service', { ...approval, by: { ...bob, id: 'ci@services' } }, 'never decides'],
  ['about another order', { ...approval, fleet: 'fleet-other' }, 'another order'],
])('an approval %s does not count', (_, act, words) => {
  expect(doubtOf(act)).toContain(words)
})

test('an approval counts when it is signed by a person with the role, and only for its wave', () => {
  expect(doubtOf(approval)).toBeUndefined()
  expect(doubtOf(approval, 'forged')).toContain('no key')
  const forged = { ...stored(), acts: [{ statement: statementOf(approval), signature: 'forged' }] }
  expect(readStored(forged, judge)?.refused).toEqual([expect.stringContaining('approve of bob@example.com')])
  const order = orderOfTarget(fleet, 2)
  expect(startDoubt(order, stored(), judge)).toContain('waits for the approval of release-manager')
  expect(startDoubt(order, stored([approval]), judge)).toBeUndefined()
  expect(startDoubt(order, stored([{ ...approval, wave: 3 }]), judge)).toContain('may not start')
  const stop = makeFleetAct({ fleet: fleet.fleet, act: 'stop', reason: 'wrong version', by })
  expect(startDoubt(order, stored([approval, stop]), judge)).toContain(
    'stopped by alice@example.com: wrong version',
  )
})
