import { diagnostic } from '../diagnostic.ts'
import type { Diagnostic } from '../diagnostic.ts'
import { attribute } from '../runbook.ts'
import type { Step } from '../runbook.ts'

/** Policies of steps that contradict each other, or that nothing can follow from. */
export function contradictingPolicies(steps: readonly Step[]): Diagnostic[] {
  return steps.flatMap((step, index) => [
    ...undecidedProblems(step),
    ...rollbackProblems(step, steps.slice(0, index + 1)),
  ])
}

/** Less is known of a gate that could not be decided than of one that failed. */
function undecidedProblems(step: Step): Diagnostic[] {
  const { onInconclusive, onFailure } = step.attributes
  if (onInconclusive?.value !== 'rollback' || (onFailure?.value ?? 'stop') !== 'stop') return []
  const message = 'Unexpected `onInconclusive="rollback"` beside `onFailure="stop"`'
  const hint = 'Write onFailure="rollback" too: a gate that failed would stop and leave everything in place.'
  return [diagnostic('contradicting-policies', onInconclusive.place, message, { hint })]
}

function rollbackProblems(step: Step, soFar: readonly Step[]): Diagnostic[] {
  const { onFailure } = step.attributes
  if (attribute(step, 'onFailure') !== 'rollback' || !onFailure) return []
  if (soFar.some(({ fences }) => fences.some(({ role }) => role === 'undo'))) return []
  const message = 'Unexpected `onFailure="rollback"`, no step up to here has an `undo` fence'
  const hint =
    'Give the steps that change something an `undo` fence, or leave onFailure out: the run can then be resumed.'
  return [diagnostic('contradicting-policies', onFailure.place, message, { hint })]
}
