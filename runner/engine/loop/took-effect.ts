import { attemptKey } from '../../journal/record/event.ts'
import type { Result } from '../../kinds/kind.ts'
import type { PlannedStep } from '../../model/plan.ts'
import type { DurableRun, Recorded, ResolveAnswer } from './durable.ts'
import type { Boot } from '../process/processes.ts'
import { checkEffect, checkWords } from './check-effect.ts'
import type { Rollback, Verdict } from './verdict.ts'

/**
 * `undo`: its undo is to be run. `kept`: it took effect, or may have, and has no undo. `offered`: it failed, may have
 * still taken effect, and has an undo that a person may ask for. `stop`: a person stopped the rollback here.
 */
export type UndoNeed = 'no' | 'undo' | 'kept' | 'offered' | 'stop'

/** Whether a step has an effect to undo. An effect that held before the run stays. */
export async function tookEffect(step: PlannedStep, scope: Rollback): Promise<UndoNeed> {
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
  if (ended.value.status === 'passed' && step.id !== cause.step) return yes
  const unseen = ended.value.status === 'unknown' || ended.value.status === 'cancelled'
  if (!undo) return unseen ? 'kept' : 'no'
  return settle({ step, attempt: last, why: ended.value.message, unseen, scope })
}

/** A person's wish to undo a step that failed, as an answer to the question about its attempt. */
export function undoWish(step: string, attempt: number): string {
  return `${attemptKey(step, attempt)}/resolve`
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

interface InDoubt {
  step: PlannedStep
  attempt: number
  why: string
  /** Whether its outcome is unknown; else it failed, and may have taken effect before that. */
  unseen: boolean
  scope: Rollback
}

/**
 * An attempt whose effect is in doubt is undone when it took effect: the `done` fence says so, or a person. Whether a
 * step that failed is undone is asked only of who is there: the way back does not wait for it.
 */
async function settle({ step, attempt, why, unseen, scope }: InDoubt): Promise<UndoNeed> {
  const { run } = scope
  const asked = run.peek<ResolveAnswer>('outcome-resolved', undoWish(step.id, attempt))
  if (asked?.value.answer === 'undo') return 'undo'
  const check = await checkEffect(step, attemptKey(step.id, attempt), String(attempt), scope)
  if (check?.holds === 'yes') return 'undo'
  if (check?.holds === 'no') return 'no'
  if (!unseen && !run.present) return 'offered'
  const { value } = await run.wait(undoWish(step.id, attempt), {
    type: 'resolve',
    step: step.id,
    title: step.title,
    attempt,
    why,
    check: checkWords(check),
    canUndo: true,
    ...(unseen ? {} : { failed: true }),
  })
  if (value.answer === 'stop') return 'stop'
  if (value.answer === 'undo') return 'undo'
  return value.answer === 'again' || !unseen ? 'no' : 'undo'
}
