import { attemptKey } from '../../journal/record/event.ts'
import type { PlannedStep } from '../../model/plan.ts'
import type { StepParams } from '../../model/steps/step-params.ts'
import type { DurableRun, ResolveAnswer } from './durable.ts'
import { isElsewhere } from '../process/processes.ts'
import type { Boot } from '../process/processes.ts'
import { checkEffect, checkWords, hasOutputs } from './check-effect.ts'
import type { Scope, Verdict } from './verdict.ts'

export interface InDoubt {
  step: PlannedStep
  params: StepParams
  attempt: number
  why: string
  intent: Boot
  scope: Scope
}

/**
 * Settles an attempt whose effect may or may not be there: first what the `done` fence says, then whether repeating
 * does no harm, then a person. It is never a retry.
 */
export async function settleUnknown(doubt: InDoubt): Promise<Verdict | 'again'> {
  const { step, params, attempt, scope } = doubt
  if (step.effect !== 'write') return 'again'
  const { work } = scope
  // On another machine the step may be at it still; nothing that is seen here says that it is not.
  const elsewhere = isElsewhere(doubt.intent, work.here())
  const check = await checkEffect(step, attemptKey(step.id, attempt), String(attempt), scope)
  if (check?.holds === 'no' && !elsewhere) return 'again'
  if (check?.holds === 'yes' && hasOutputs(step, check))
    return { status: 'passed', message: 'was interrupted, and its effect holds', outputs: check.outputs }
  if (params.common.idempotent && !elsewhere) return 'again'
  return askHow(
    doubt,
    check?.holds === 'yes' ? 'its effect holds, but its outputs are lost' : checkWords(check),
  )
}

/** Asks a person. `outputs` are those of the attempt, when they are known. */
export async function askHow(
  { step, attempt, why, scope: { run } }: InDoubt,
  check: string,
  outputs: Record<string, string> = {},
): Promise<Verdict | 'again'> {
  const key = attemptKey(step.id, attempt)
  const canUndo = step.fences.some((fence) => fence.role === 'undo')
  const { value } = await run.wait(`${key}/resolve`, {
    type: 'resolve',
    step: step.id,
    title: step.title,
    attempt,
    why,
    check,
    canUndo,
  })
  const reason = `${value.reason} (${value.by.id})`
  switch (value.answer) {
    case 'again':
      return 'again'
    case 'done':
      return confirmByWord(step, key, reason, outputs, run)
    case 'undo':
      await run.record('rollback-started', '', () => ({ step: step.id, reason }))
      return { status: 'failed', message: `is to be undone: ${reason}`, outputs: {} }
    default:
      return { status: 'stopped', message: `was stopped: ${reason}`, outputs: {}, stays: true }
  }
}

/** A person's word is final: the step never runs again. Its outputs, where they are lost, are asked for. */
async function confirmByWord(
  step: PlannedStep,
  key: string,
  reason: string,
  values: Record<string, string>,
  run: DurableRun,
): Promise<Verdict> {
  const lost = step.outputs.filter((name) => !(name in values))
  const outputs = { ...values }
  for (const [index, name] of lost.entries()) {
    const spec = { type: 'string', description: `Output of step \`${step.id}\`, which is lost` } as const
    const question = { type: 'field', name, spec, index: index + 1, of: lost.length } as const
    outputs[name] = (await run.wait(`${key}/output-${name}`, question)).value.value
  }
  return { status: 'passed', message: `was marked done: ${reason}`, outputs }
}

/** Whether a person has said of an attempt that it is done. */
export function isSaidDone(run: DurableRun, key: string): boolean {
  return run.peek<ResolveAnswer>('outcome-resolved', `${key}/resolve`)?.value.answer === 'done'
}
