import { attemptKey } from '../journal/event.ts'
import type { Result } from '../kinds/kind.ts'
import type { PlannedStep } from '../model/plan.ts'
import type { DurableRun, Recorded } from './durable.ts'
import type { Boot } from './processes.ts'
import type { Rollback, Verdict } from './verdict.ts'

/**
 * `undo`: its undo is to be run. `kept`: it took effect, or may have, and has no undo. `stop`: a person stopped the
 * rollback here.
 */
export type Effect = 'no' | 'undo' | 'kept' | 'stop'

/** Whether there is something of a step to take back. What held before the run is not ours, and stays. */
export async function tookEffect(step: PlannedStep, scope: Rollback): Promise<Effect> {
  if (step.effect !== 'write') return 'no'
  const { run, cause } = scope
  const undo = step.fences.find((fence) => fence.role === 'undo')
  const yes = undo ? 'undo' : 'kept'
  const verdict = run.peek<Verdict>('step-finished', step.id)?.value.status
  if (verdict === 'passed') return yes
  if (verdict === 'skipped') return 'no'
  const last = lastAttempt(step, run)
  if (last === undefined) return 'no'
  const ended = await endOf(step, last, scope)
  if (ended.value.status === 'not-started') return 'no'
  if (undo?.flags.includes('always')) return 'undo'
  if (ended.value.status === 'passed') return step.id === cause.step ? 'no' : yes
  if (ended.value.status !== 'unknown' && ended.value.status !== 'cancelled') return 'no'
  return undo ? settle(step, last, ended.value.message, scope) : 'kept'
}

function lastAttempt(step: PlannedStep, run: DurableRun): number | undefined {
  let last: number | undefined
  for (let attempt = 1; run.peek('step-started', attemptKey(step.id, attempt)); attempt++) last = attempt
  return last
}

/** How an attempt ended; one that a dead runner left under way is ended first. */
function endOf(step: PlannedStep, attempt: number, scope: Rollback): Promise<Recorded<Result>> {
  const { run, work, outputs } = scope
  const key = attemptKey(step.id, attempt)
  const intent = run.peek<Boot>('step-started', key)?.value ?? work.here()
  return run.record('step-ended', key, () => work.halt({ step, attempt, outputs, intent }))
}

/** An attempt nobody saw the end of is undone when it took effect: the `done` fence says so, or a person. */
async function settle(step: PlannedStep, attempt: number, why: string, scope: Rollback): Promise<Effect> {
  const { run, work, outputs } = scope
  const key = attemptKey(step.id, attempt)
  let check = 'there is no `done` fence'
  if (step.fences.some((fence) => fence.role === 'done')) {
    const { value } = await run.record('effect-checked', key, () =>
      work.check(step, String(attempt), outputs),
    )
    if (value.holds === 'yes') return 'undo'
    if (value.holds === 'no') return 'no'
    check = value.message
  }
  const { value } = await run.wait(`${key}/resolve`, {
    type: 'resolve',
    step: step.id,
    title: step.title,
    attempt,
    why,
    check,
    canUndo: true,
  })
  if (value.answer === 'stop') return 'stop'
  return value.answer === 'again' ? 'no' : 'undo'
}
