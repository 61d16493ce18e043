import type { Plan, PlannedStep } from '../model/plan.ts'
import { attemptKey } from '../journal/event.ts'
import { Cancelled } from './durable.ts'
import type { DurableRun } from './durable.ts'
import type { RunEnd, Verdict } from './verdict.ts'
import type { Work } from './work.ts'

interface Cause {
  step: string
  reason: string
}

/** Runs the undos of what took effect, last first. It is journalled and resumable like the way forward. */
export async function rollback(
  plan: Plan,
  run: DurableRun,
  work: Work,
  outputs: Record<string, string>,
  cause: Cause,
): Promise<RunEnd> {
  const steps = plan.steps.filter((step) => isToUndo(step, run, cause)).toReversed()
  for (const [index, step] of steps.entries()) {
    const problem = await undoStep(step, run, work, outputs)
    if (problem === undefined) continue
    const left = steps.slice(index).map(({ id }) => id)
    return {
      status: 'rollback-failed',
      step: step.id,
      message: `The undo of \`${step.id}\` ${problem}. Undone: ${names(steps.slice(0, index))}. Not undone: ${left.join(', ')}`,
    }
  }
  return { status: 'rolled-back', step: cause.step, message: `${cause.reason}; undone: ${names(steps)}` }
}

function names(steps: readonly PlannedStep[]): string {
  return steps.length === 0 ? 'nothing' : steps.map(({ id }) => id).join(', ')
}

/** What passed here is undone; what held before is not ours; the failed step only when its undo says `always`. */
function isToUndo(step: PlannedStep, run: DurableRun, cause: Cause): boolean {
  const undo = step.fences.find((fence) => fence.role === 'undo')
  if (!undo) return false
  if (run.peek<Verdict>('step-finished', step.id)?.value.status === 'passed') return true
  if (step.id !== cause.step) return false
  const resolved = lastResolution(step, run) === 'undo'
  return (
    resolved ||
    (undo.flags.includes('always') && run.peek('step-started', attemptKey(step.id, 1)) !== undefined)
  )
}

function lastResolution(step: PlannedStep, run: DurableRun): string | undefined {
  let answer: string | undefined
  for (let attempt = 1; run.peek('step-started', attemptKey(step.id, attempt)); attempt++) {
    answer =
      run.peek<{ answer: string }>('outcome-resolved', `${attemptKey(step.id, attempt)}/resolve`)?.value
        .answer ?? answer
  }
  return answer
}

/** Undefined when the step is undone, else what went wrong. */
async function undoStep(
  step: PlannedStep,
  run: DurableRun,
  work: Work,
  outputs: Record<string, string>,
): Promise<string | undefined> {
  if (run.peek('undo-finished', step.id)) return undefined
  for (let attempt = 1; ; attempt++) {
    const key = attemptKey(step.id, attempt)
    await run.record('undo-started', key, () => ({}))
    const ended = await run.record('undo-ended', key, () => work.undo(step, attempt, outputs))
    const { status, message } = ended.value
    const earlier = ended.seq < run.resumedAt
    if (status === 'passed') return finish(step, run, message)
    if (status === 'cancelled' && !earlier) throw new Cancelled('The undo was cancelled')
    if (status === 'not-started' && ended.value.data['adopted'] === true) continue
    if (status === 'unknown' || status === 'cancelled') {
      const settled = await settle(step, attempt, message, run, work, outputs)
      if (settled === 'undone') return finish(step, run, `was interrupted, and is undone`)
      if (settled === 'stop') return message
      continue
    }
    if (!earlier) return message
  }
}

async function finish(step: PlannedStep, run: DurableRun, message: string): Promise<undefined> {
  await run.record('undo-finished', step.id, () => ({ message }))
}

async function settle(
  step: PlannedStep,
  attempt: number,
  why: string,
  run: DurableRun,
  work: Work,
  outputs: Record<string, string>,
): Promise<'undone' | 'again' | 'stop'> {
  const key = `undo-${attemptKey(step.id, attempt)}`
  let check = 'there is no `done` fence'
  if (step.fences.some((fence) => fence.role === 'done')) {
    const { value } = await run.record('effect-checked', key, () =>
      work.check(step, `undo-${attempt}`, outputs),
    )
    if (value.holds === 'no') return 'undone'
    if (value.holds === 'yes') return 'again'
    check = value.message
  }
  if (step.attributes['idempotent'] === true) return 'again'
  const question = {
    type: 'resolve',
    step: step.id,
    title: `Undo: ${step.title}`,
    attempt,
    why,
    check,
    canUndo: false,
  } as const
  const { value } = await run.wait(`${key}/resolve`, question)
  if (value.answer === 'done') return 'undone'
  return value.answer === 'again' ? 'again' : 'stop'
}
