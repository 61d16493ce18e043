import { checkEffect, checkWords } from './check-effect.ts'
import { attemptKey } from '../../journal/record/event.ts'
import type { PlannedStep } from '../../model/plan.ts'
import { isElsewhere } from '../process/processes.ts'
import { Cancelled } from './durable.ts'
import type { DurableRun } from './durable.ts'
import { tookEffect } from './took-effect.ts'
import { isLost, mostLost, wasAdopted } from './step.ts'
import type { Rollback, RunEnd } from './verdict.ts'

/** Runs the undos of what took effect, last first. It is journalled and resumable like the way forward. */
export async function rollback(scope: Rollback): Promise<RunEnd> {
  const { plan, cause } = scope
  const undone: string[] = []
  const kept: string[] = []
  const offered: string[] = []
  for (const planned of plan.steps.toReversed()) {
    const step = resolved(planned, scope)
    const effect = await tookEffect(step, scope)
    if (effect === 'no') continue
    if (effect === 'kept' || effect === 'offered') {
      ;(effect === 'kept' ? kept : offered).push(step.id)
      continue
    }
    const problem = effect === 'stop' ? 'was not run: a person stopped it' : await undoStep(step, scope)
    if (problem === undefined) {
      undone.push(step.id)
      continue
    }
    const before = plan.steps.slice(0, plan.steps.indexOf(planned))
    const left = [step, ...before.filter((one) => finished(one, scope))].map(({ id }) => id)
    return {
      status: 'rollback-failed',
      step: step.id,
      message: `The undo of \`${step.id}\` ${problem}. Undone: ${names(undone)}. Not undone: ${names([...left, ...kept, ...offered])}`,
    }
  }
  const without = kept.length > 0 ? `; not undone, for there is no undo: ${names(kept)}` : ''
  const inDoubt =
    offered.length > 0 ? `; not undone, but may have taken effect before it failed: ${names(offered)}` : ''
  return {
    status: 'rolled-back',
    step: cause.step,
    message: `${cause.reason}; undone: ${names(undone)}${without}${inDoubt}`,
    ...(offered.length > 0 ? { offered } : {}),
  }
}

/** With its values in place, where they are known: a step that never began may have waited for outputs nobody made. */
function resolved(step: PlannedStep, { work, outputs }: Rollback): PlannedStep {
  const prepared = work.prepare(step, outputs)
  return prepared.ok ? prepared.value.step : step
}

function names(ids: readonly string[]): string {
  return ids.length === 0 ? 'nothing' : ids.join(', ')
}

function finished(step: PlannedStep, { run }: Rollback): boolean {
  return (
    step.effect === 'write' &&
    run.peek<{ status: string }>('step-finished', step.id)?.value.status === 'passed'
  )
}

/** Undefined when the step is undone, else what went wrong. */
async function undoStep(step: PlannedStep, scope: Rollback): Promise<string | undefined> {
  const { run, work, outputs } = scope
  if (run.peek('undo-finished', step.id)) return undefined
  let lost = 0
  for (let attempt = 1; ; attempt++) {
    const key = attemptKey(step.id, attempt)
    const { value: intent } = await run.record('undo-started', key, () => work.here())
    const ended = await run.record('undo-ended', key, () => work.undo({ step, attempt, outputs, intent }))
    const { status, message } = ended.value
    const earlier = ended.seq < run.resumedAt
    if (status === 'passed') return finish(step, run, message)
    if (status === 'cancelled' && !earlier) throw new Cancelled('The undo was cancelled')
    if (status === 'not-started' && wasAdopted(ended.value)) continue
    if (status === 'unknown' || status === 'cancelled') {
      const elsewhere = isElsewhere(intent, work.here())
      const settled = await settle({ step, attempt, why: message, elsewhere, scope })
      if (settled === 'undone') return finish(step, run, 'was interrupted, and is undone')
      if (settled === 'stop') return message
      if (isLost(ended, run)) lost += 1
      if (lost === mostLost) return `was lost ${lost} times in a row: ${message}`
      continue
    }
    if (!earlier) return message
  }
}

async function finish(step: PlannedStep, run: DurableRun, message: string): Promise<undefined> {
  await run.record('undo-finished', step.id, () => ({ message }))
}

interface UndoInDoubt {
  step: PlannedStep
  attempt: number
  why: string
  elsewhere: boolean
  scope: Rollback
}

async function settle(doubt: UndoInDoubt): Promise<'undone' | 'again' | 'stop'> {
  const { step, attempt, why, elsewhere } = doubt
  const { run } = doubt.scope
  const key = `${step.id}/undo-${attempt}`
  const check = await checkEffect(step, key, `undo-${attempt}`, doubt.scope)
  if (check?.holds === 'no') return 'undone'
  if (check?.holds === 'yes' && !elsewhere) return 'again'
  if (step.attributes['idempotent'] === true && !elsewhere) return 'again'
  const question = {
    type: 'resolve',
    step: step.id,
    title: `Undo: ${step.title}`,
    attempt,
    why,
    check: checkWords(check),
    canUndo: false,
  } as const
  const { value } = await run.wait(`${key}/resolve`, question)
  if (value.answer === 'done') return 'undone'
  return value.answer === 'again' ? 'again' : 'stop'
}
