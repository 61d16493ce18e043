import type { Event } from '../journal/event.ts'
import { parseKey } from '../journal/event.ts'
import type { Plan } from '../model/plan.ts'

/** The topics of a step that were asked and not yet decided. */
export function openApproval(events: readonly Event[], step: string): string | undefined {
  const decided = new Set(
    events
      .filter(({ type }) => type === 'approval-given' || type === 'approval-rejected')
      .map(({ key }) => key),
  )
  return events.find(
    ({ type, key }) => type === 'approval-requested' && parseKey(key).step === step && !decided.has(key),
  )?.key
}

/** Why this person may not decide, or undefined when they may. The runner asks this too, before it believes an answer. */
export function approvalProblem(
  plan: Plan,
  events: readonly Event[],
  topic: string,
  by: string,
): string | undefined {
  const runners = new Set(
    events
      .filter(({ type }) => type === 'run-started' || type === 'run-resumed')
      .map(({ actor }) => actor.id),
  )
  if (runners.has(by) && !plan.selfApproval) return `${by} runs this, and nobody approves their own run`
  const { step } = parseKey(topic)
  const given = events.some(
    ({ type, key, actor }) => type === 'approval-given' && parseKey(key).step === step && actor.id === by,
  )
  return given ? `${by} has approved already; the step needs different people` : undefined
}
