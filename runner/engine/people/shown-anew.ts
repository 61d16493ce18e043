import type { LoadedKinds } from '../../kinds/index.ts'
import { fold } from '../../journal/fold.ts'
import { parseKey } from '../../journal/record/event.ts'
import type { Event } from '../../journal/record/event.ts'
import { failure, success } from '../../model/problem.ts'
import type { Outcome } from '../../model/problem.ts'
import type { Plan } from '../../model/plan.ts'
import { prepareStep } from '../loop/prepare.ts'
import { shownText } from './approval-text.ts'

/**
 * The text that is shown for a request, made from plan and journal alone: whoever decides on another machine does not
 * take the runner's word for it. Fails where the step cannot be prepared from them.
 */
export function shownAnew(
  { plan, events }: { plan: Plan; events: readonly Event[] },
  asked: Event,
  kinds: LoadedKinds,
): Outcome<string> {
  const { step: id } = parseKey(asked.key)
  const planned = plan.steps.find((one) => one.id === id)
  if (planned?.kind !== 'approval') return failure(`Step \`${id}\` of the plan is not an approval`)
  const before = events.slice(0, asked.seq)
  const run = { id: asked.run, plan, actor: asked.actor, secrets: {}, kindNamed: kinds.named }
  const prepared = prepareStep(run, planned, fold(before).outputs)
  if (!prepared.ok) return prepared
  const { step, params } = prepared.value
  const { approvers, min, separate } = params.params as {
    approvers: string[]
    min: number
    separate: boolean
  }
  const given = before
    .filter(({ type, key }) => type === 'approval-given' && parseKey(key).step === id)
    .map(({ actor }) => actor.id)
  const question = { type: 'approval', title: step.title, prose: step.prose, approvers, given, min } as const
  return success(shownText(plan, asked.key, { ...question, separate, topics: [asked.key] }, before))
}
