import { expect } from 'vitest'
import type { Event } from '../../../runner/journal/record/event.ts'
import { orderChecks } from '../../../runner/journal/verify/rules/run.ts'
import type { Json } from '../../../runner/model/values/json.ts'
import type { Shape, Fault, Imaginary, Stretch } from './imaginary.ts'
import { imagine, isVouched, live } from './imaginary.ts'

/** Lives long enough for every fault to have happened and for the rest of the run. */
const lives = 60

/** Lets a run live, die and be taken up again until it is over, and holds it against every promise. */
export async function endure(shapes: readonly Shape[], faults: readonly Fault[]): Promise<Imaginary> {
  const world = imagine(shapes, faults)
  let end: Stretch = { status: 'crashed' }
  let tries = 0
  for (; tries < lives; tries++) {
    end = await live(world)
    if (end.status === 'crashed' || end.status === 'cancelled') continue
    // A failed run is taken up again once: what failed for good fails again.
    if ((end.status === 'failed' || end.status === 'rollback-failed') && tries < lives / 2) continue
    break
  }
  expect(tries, 'the run goes on, or says why not (I9)').toBeLessThan(lives)
  for (const [name, { starts }] of world.attempts)
    expect(starts, `attempt ${name} is started at most once (I1)`).toBeLessThanOrEqual(1)
  expect(world.unannounced, 'what is about to happen is in the journal before it does').toBe(false)
  expect(world.wokenEarly, 'no wait ends early (I7)').toBe(false)
  expect(verifiedOrder(world), 'the journal keeps the rules of order').toMatchObject([{ status: 'ok' }])
  checkEffects(world, end)
  checkApprovals(world)
  checkUndos(world, end)
  return world
}

function verifiedOrder({ journal, plan }: Imaginary) {
  const events = journal.map((entry, seq) => ({ ...entry, seq }) as unknown as Event)
  return orderChecks(events, plan as unknown as Json)
}

function checkEffects(world: Imaginary, end: Stretch): void {
  for (const [step, shape] of world.shapes) {
    if (shape.kind !== 'command') continue
    const count = world.effects.get(step) ?? 0
    const most = shape.idempotent ? 1000 : shape.held && shape.done !== 'tells' ? 2 : 1
    expect(count, `the effect of ${step} is there at most once (I2)`).toBeLessThanOrEqual(most)
    if (end.status !== 'succeeded') continue
    const finished = world.journal.find(({ type, key }) => type === 'step-finished' && key === step)
    expect(finished, `${step} is finished when the run succeeds`).toBeDefined()
    if (finished?.data['status'] !== 'passed') continue
    expect(count, `no effect is lost (I2)`).toBeGreaterThanOrEqual(1)
    expect(isVouched(world, step), `${step} passed by exit 0 or by somebody's word (I3)`).toBe(true)
  }
}

function checkApprovals({ journal, shapes }: Imaginary): void {
  const steps = [...shapes.keys()]
  for (const [index, step] of steps.entries()) {
    if (shapes.get(step)?.kind !== 'approval') continue
    const given = journal.findIndex(
      ({ type, key }) => type === 'approval-given' && key.startsWith(`${step}/`),
    )
    for (const later of steps.slice(index + 1)) {
      const started = journal.findIndex(
        ({ type, key }) => type === 'step-started' && key.startsWith(`${later}#`),
      )
      if (started === -1) continue
      expect(given !== -1 && given < started, `${step} is approved before ${later} starts (I5)`).toBe(true)
      expect(journal[given]?.by, 'and by somebody else').toBe('bob')
    }
  }
}

function checkUndos({ journal, undos, shapes, effects }: Imaginary, end: Stretch): void {
  if (end.status !== 'rolled-back') return
  const numbers = undos.map((step) => Number(step.slice(1)))
  expect(numbers, 'undos run last first').toEqual(numbers.toSorted((a, b) => b - a))
  for (const [step, shape] of shapes) {
    const passed = journal.some(
      ({ type, key, data }) => type === 'step-finished' && key === step && data['status'] === 'passed',
    )
    if (!passed || shape.kind !== 'command' || shape.undo === 'none') continue
    if (shape.idempotent || shape.held) continue
    expect(effects.get(step), `${step} is undone, once`).toBe(0)
  }
}
