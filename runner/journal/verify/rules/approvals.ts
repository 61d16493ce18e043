import { isPlain, samePerson } from '../../../model/people/person.ts'
import type { Aliases } from '../../../model/people/person.ts'
import { asText } from '../../../model/values/json.ts'
import type { Json, JsonObject } from '../../../model/values/json.ts'
import { judged, unproven } from '../check-result.ts'
import type { Check } from '../check-result.ts'
import type { Event } from '../../record/event.ts'
import {
  clockSkewMs,
  decisionOf,
  isObject,
  mayDecide,
  parsePayload,
  peopleOf,
  runnersBefore,
  signedInAnotherRole,
} from '../evidence.ts'
import type { ApprovalPayload } from '../evidence.ts'
import { finishes, planField, planSteps } from './run.ts'
import { otherField } from './signed-fields.ts'
import { counted } from '../../../model/counted.ts'

export interface DecisionContext {
  events: readonly Event[]
  /** Hex SHA-256 of each line of the journal. */
  hashes: readonly string[]
  plan: Json | undefined
  /** Hex SHA-256 of a text. */
  sha256(text: string): string
}

/** The events that approve or reject. */
export function decisions(events: readonly Event[]): Event[] {
  return events.filter(({ type }) => type === 'approval-given' || type === 'approval-rejected')
}

export function payloadOf(event: Event): ApprovalPayload | undefined {
  return parsePayload(event.data['payload'])
}

/** Every decision is by somebody else, about this run, plan, step and history; and a step that needed them had enough. */
export function approvalChecks(context: DecisionContext): Check[] {
  const { events, plan } = context
  const made = decisions(events)
  const selfAllowed = planField(plan, 'selfApproval') === true
  const bare = made.filter(({ data }) => data['payload'] === undefined)
  const problems = made.flatMap((event) =>
    decisionProblems(event, context, selfAllowed).map((problem) => `run.jsonl:${event.seq + 1}: ${problem}`),
  )
  const ends = finishes(events)
  const enough = planSteps(plan).flatMap((step) => tooFew(step, events, ends))
  const holds =
    made.length === 0
      ? 'No approval was asked for'
      : `${counted(made.length, 'decision')}, by ${[...new Set(made.map(({ actor }) => actor.id))].join(', ')}, about exactly this run, plan, step and history`
  return [
    ...judged('approvals', [...problems, ...enough], holds),
    ...(rolesUnknown(made, context)
      ? [
          unproven(
            'approvals',
            'The plan does not say who has the roles that were asked, so any name counted',
          ),
        ]
      : []),
    ...(selfAllowed && bare.length > 0
      ? [
          unproven(
            'approvals',
            'The runbook lets whoever runs it approve, so its approvals prove nothing about a second person',
          ),
        ]
      : []),
  ]
}

/** Whether a decision was made for a role, and the plan has no list of people: no version makes such a run any more. */
export function rolesUnknown(
  made: readonly Event[],
  { events, plan }: Pick<DecisionContext, 'events' | 'plan'>,
): boolean {
  if (peopleOf(plan).holders || planField(plan, 'selfApproval') === true) return false
  return made.some(({ key }) =>
    events.some(({ type, key: topic, data: { approvers } }) => {
      const asked = type === 'approval-requested' && topic === key && Array.isArray(approvers)
      return asked && approvers.some((word) => !asText(word).includes('@'))
    }),
  )
}

/** The rules a decision must keep, asked by whoever runs before it counts and by whoever verifies after. */
export function decisionProblems(event: Event, context: DecisionContext, selfAllowed: boolean): string[] {
  const { events } = context
  const people = peopleOf(context.plan)
  const { aliases } = people
  const runners = runnersBefore(events, event.seq)
  const { step, by, approved } = decisionOf(event)
  const asked = events.find(
    ({ type, key, seq }) => type === 'approval-requested' && key === event.key && seq < event.seq,
  )
  const earlier = decisions(events).filter(({ seq }) => seq < event.seq)
  const problems: string[] = []
  const received = event.data['received']
  const deadline = asked?.data['deadline']
  if (typeof received === 'number' && typeof deadline === 'number' && received > deadline)
    problems.push(`The decision on \`${event.key}\` arrived after its deadline`)
  if (asked && !selfAllowed && !mayDecide(asked.data['approvers'], by, people))
    problems.push(`${by} is not among those who may decide on \`${event.key}\``)
  if (!asked) problems.push(`The decision on \`${event.key}\` has no request`)
  if (earlier.some(({ key }) => key === event.key)) problems.push(`\`${event.key}\` was decided twice`)
  if (event.data['decision'] !== (approved ? 'approved' : 'rejected'))
    problems.push('The event and the decision in it say different things')
  if (!selfAllowed)
    for (const id of [...new Set([...runners, by])].filter((one) => !isPlain(one)))
      problems.push(`\`${id}\` is not an address in plain ASCII: it cannot be told from another`)
  if (!selfAllowed && runners.some((id) => samePerson(id, by, aliases)))
    problems.push(`${by} ran this and approved it: nobody approves their own run`)
  if (approved && earlier.some((other) => isYesOf(other, step, by, aliases)))
    problems.push(`${by} approved step \`${step}\` twice; it needs different people`)
  const other =
    approved && !selfAllowed ? signedInAnotherRole(events.slice(0, event.seq), asked, by, aliases) : undefined
  if (other !== undefined)
    problems.push(`${by} signed step \`${other}\` in another role: nobody signs one run in two roles`)
  if (selfAllowed && event.data['payload'] === undefined) return problems
  if (asked) problems.push(...payloadProblems(event, asked, earlier, context))
  return problems
}

function isYesOf(event: Event, step: string, by: string, aliases: Aliases): boolean {
  const other = decisionOf(event)
  return other.approved && other.step === step && samePerson(other.by, by, aliases)
}

/** The signed text must be about exactly this. */
function payloadProblems(
  event: Event,
  asked: Event,
  earlier: readonly Event[],
  context: DecisionContext,
): string[] {
  const payload = payloadOf(event)
  if (!payload) return ['The decision carries no payload that binds it to the run']
  const { events, hashes } = context
  const first = events[0]
  const expected: JsonObject = {
    v: 1,
    run: event.run,
    step: decisionOf(event).step,
    topic: event.key,
    decision: event.data['decision'] ?? '',
    reason: event.data['reason'] ?? '',
    by: event.actor.id,
    requestedBy: first?.actor.id ?? '',
    planSha256: first?.data['planSha256'] ?? '',
    inputsSha256: first?.data['inputsSha256'] ?? '',
    shownSha256: context.sha256(asText(asked.data['shown'])),
  }
  const problems = Object.entries(expected)
    .filter(([name, value]) => payload[name] !== value)
    .map(([name]) => `The decision was made for ${otherField(name)}`)
  const { size, sha256: head } = payload.head
  if (!(size > asked.seq && size <= event.seq) || hashes[size - 1] !== head)
    problems.push('History before the approval was rewritten: the approver put their name to another one')
  const at = Date.parse(payload.ts)
  if (!(at >= Date.parse(asked.ts) - clockSkewMs && at <= Date.parse(event.ts) + clockSkewMs))
    problems.push(`The decision was made at ${payload.ts}, which is not between the request and its record`)
  if (earlier.some((other) => payloadOf(other)?.nonce === payload.nonce))
    problems.push('The same decision was used twice')
  return problems
}

function tooFew(step: JsonObject, events: readonly Event[], ends: ReadonlyMap<string, Event>): string[] {
  const id = asText(step['id'])
  const finish = ends.get(id)
  if (step['kind'] !== 'approval' || finish?.data['status'] !== 'passed') return []
  const attributes = isObject(step['attributes']) ? step['attributes'] : {}
  const requested = events.find(({ type, key }) => type === 'approval-requested' && key === `${id}/1`)
  const declaredMin = attributes['min'] ?? requested?.data['min'] ?? 1
  const min = typeof declaredMin === 'number' ? declaredMin : 1
  const given = decisions(events).filter(
    (event) => event.seq < finish.seq && decisionOf(event).step === id && decisionOf(event).approved,
  )
  return given.length >= min ? [] : [`Step \`${id}\` needed ${min} approvals and passed with ${given.length}`]
}
