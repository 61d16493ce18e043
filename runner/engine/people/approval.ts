import { randomUUID } from 'node:crypto'
import { canonical } from '../../journal/record/canonical.ts'
import {
  mayDecide,
  namespaces,
  peopleOf,
  runnersBefore,
  signedInAnotherRole,
} from '../../journal/verify/evidence.ts'
import type { Event } from '../../journal/record/event.ts'
import { openRequests, parseKey } from '../../journal/record/event.ts'
import { decisionProblems } from '../../journal/verify/rules/approvals.ts'
import type { CheckSignature } from '../../journal/verify/rules/signatures.ts'
import { decisionPresenceProblem } from '../../journal/verify/rules/presence.ts'
import { decisionProblem, keyProblems } from '../../journal/verify/rules/signatures.ts'
import { sha256 } from '../../journal/record/write-journal.ts'
import type { ApprovalAnswer, Question } from '../../kinds/kind.ts'
import { stepPresence } from '../../model/people/presence-level.ts'
import type { Presence } from '../../model/people/presence-level.ts'
import { samePerson } from '../../model/people/person.ts'
import { asText } from '../../model/values/json.ts'
import type { Json, JsonObject } from '../../model/values/json.ts'
import type { Actor, Plan } from '../../model/plan.ts'
import { shownText } from './approval-text.ts'
import type { Signer } from '../sign/signing-key.ts'

/** The topics of a step that were asked and not yet decided, the first first. */
export function openApprovals(events: readonly Event[], step: string): string[] {
  return openRequests(events)
    .map(({ key }) => key)
    .filter((key) => parseKey(key).step === step)
}

/** Why this person may not decide, or undefined when they may. */
export function approvalProblem(
  plan: Plan,
  events: readonly Event[],
  topic: string,
  by: string,
  at = Date.now(),
): string | undefined {
  const asked = events.find(({ type, key }) => type === 'approval-requested' && key === topic)
  const deadline = asked?.data['deadline']
  if (typeof deadline === 'number' && at > deadline)
    return `the request expired at ${new Date(deadline).toISOString()}`
  const people = peopleOf(plan as unknown as JsonObject)
  const { aliases } = people
  if (runnersBefore(events, events.length).some((id) => samePerson(id, by, aliases)) && !plan.selfApproval)
    return `${by} runs this, and nobody approves their own run`
  const { step } = parseKey(topic)
  const words = (asked?.data['approvers'] ?? []) as string[]
  const may = behind(plan, words)
  if (!plan.selfApproval) {
    const role = people.holders ? undefined : words.find((word) => !word.includes('@'))
    if (role !== undefined) return `the plan of this run does not say who has the role \`${role}\``
    if (!mayDecide(words, by, people))
      return `${by} is not among those who may decide: ${may.length > 0 ? may.join(', ') : 'nobody has that role'}`
  }
  const given = events.some(
    ({ type, key, actor }) =>
      type === 'approval-given' && parseKey(key).step === step && samePerson(actor.id, by, aliases),
  )
  if (given) return `${by} has approved already; the step needs different people`
  const other = plan.selfApproval ? undefined : signedInAnotherRole(events, asked, by, aliases)
  return other === undefined
    ? undefined
    : `${by} signed step \`${other}\` in another role, and nobody signs one run in two roles`
}

/** The people behind the words of a request; a word that the plan does not know stands for itself. */
function behind({ people }: Plan, words: readonly string[]): string[] {
  return [
    ...new Set(
      words.flatMap((word) => (people && Object.hasOwn(people, word) ? (people[word] ?? []) : [word])),
    ),
  ]
}

interface Approving {
  step: string
  min: number
  words: string[]
  presence: Presence
  /** Whether a condition decides during the run if it is asked at all. */
  isConditional: boolean
  /** Whether a template names approvers that are known only then. */
  isLate: boolean
}

/** The approvers of a plan. Words that templates fill in later are omitted. */
export function approvalsOf(plan: Plan): Approving[] {
  return plan.steps
    .filter(({ kind }) => kind === 'approval')
    .map(({ id, attributes }) => ({
      step: id,
      min: typeof attributes['min'] === 'number' ? attributes['min'] : 1,
      presence: stepPresence(plan, id),
      words: String(attributes['approvers'] ?? '')
        .split(/[\s,]+/)
        .filter((word) => word !== '' && !/[${}]/.test(word)),
      isConditional: attributes['when'] !== undefined,
      isLate: String(attributes['approvers']).includes('${{'),
    }))
}

/** Who may give an approval when these people run it: everybody behind the words but them. */
export function possible(plan: Plan, words: readonly string[], runners: readonly string[]): string[] {
  return behind(plan, words).filter((id) => !runners.some((runner) => samePerson(runner, id, plan.aliases)))
}

/** The data of approval-requested: the required decisions, and the shown text. */
export function requestData(
  plan: Plan,
  topic: string,
  question: Extract<Question, { type: 'approval' }>,
  events: readonly Event[],
): JsonObject {
  const { approvers, min, separate, deadline } = question
  const shown = shownText(plan, topic, question, events)
  return {
    approvers,
    min,
    shown,
    ...(separate ? {} : { separate }),
    ...(deadline === undefined ? {} : { deadline }),
  }
}

export interface GivenDecision {
  events: readonly Event[]
  /** Hash of the journal's last line. */
  head: string
  topic: string
  decision: 'approved' | 'rejected'
  reason: string
  by: Actor
  signer: Signer | undefined
}

/** The statement that a decision signs, without what the person adds: `decision`, `reason` and `ts`. */
export function decisionDraft({
  events,
  head,
  topic,
  by,
}: Pick<GivenDecision, 'events' | 'head' | 'topic' | 'by'>): JsonObject & {
  run: string
  requestedBy: string
} {
  const first = events[0]
  return {
    v: 1,
    run: first?.run ?? '',
    step: parseKey(topic).step,
    topic,
    by: by.id,
    requestedBy: first?.actor.id ?? '',
    planSha256: asText(first?.data['planSha256']),
    inputsSha256: asText(first?.data['inputsSha256']),
    shownSha256: sha256(shownOf(events, topic)),
    head: { size: events.length, sha256: head },
    nonce: randomUUID(),
  }
}

/** The text that is recorded as shown with a request. */
export function shownOf(events: readonly Event[], topic: string): string {
  const asked = events.find(({ type, key }) => type === 'approval-requested' && key === topic)
  return asText(asked?.data['shown'])
}

/** A decision as a person made it. */
export interface MadeDecision extends ApprovalAnswer {
  decision: 'approved' | 'rejected'
  /** The statement that is signed. */
  payload: string
  /** Absent without a key. */
  sig?: string
}

/** A decision bound to the run, its plan, what was shown and all that went before; signed when there is a key. */
export function makeDecision(made: GivenDecision): MadeDecision {
  const { decision, reason, by, signer } = made
  const text = canonical({ ...decisionDraft(made), decision, reason, ts: new Date().toISOString() })
  const signature = signer && { sig: signer.sign(namespaces.approval, text) }
  return { decision, reason, by, payload: text, ...signature }
}

export interface Believing {
  plan: Plan
  events: readonly Event[]
  head: string
  /** Judges signatures; without it none are asked for. */
  check: CheckSignature | undefined
  /** When the decision came, in milliseconds since the epoch, by the clock of the run's disk. Default: now. */
  received?: number
}

/** Why a decision that lies in the inbox is not believed: the same rules `verify` asks, asked before it counts. */
export function disbelief(
  answer: JsonObject & { by: Actor },
  topic: string,
  believing: Believing,
): string | undefined {
  const { plan, events, head, check, received = Date.now() } = believing
  const own = approvalProblem(plan, events, topic, answer.by.id, received)
  if (own !== undefined) return own
  const event: Event = {
    v: 1,
    seq: events.length,
    ts: new Date().toISOString(),
    run: events[0]?.run ?? '',
    type: answer['decision'] === 'rejected' ? 'approval-rejected' : 'approval-given',
    key: topic,
    actor: answer.by,
    data: answer,
    prev: head,
  }
  const hashes = [...events.slice(1).map(({ prev }) => prev), head]
  const context = { events, hashes, plan: plan as unknown as Json, sha256 }
  const signature = check ? unsignedOr(event, check) : []
  const keys = keyProblems({ ...unsealed, events: [...events, event], plan: context.plan }, check?.lists)
  const presence = decisionPresenceProblem(event, events, context.plan)
  return [...decisionProblems(event, context, plan.selfApproval), ...signature, presence, ...keys].find(
    (problem) => problem !== undefined,
  )
}

/** A run that goes on has no head and no closing that say who signed it; its events do. */
const unsealed = {
  head: undefined,
  headSignature: undefined,
  closing: undefined,
  closingSignature: undefined,
}

/** Who may decide on a request, by the list of people: everybody behind its words but those who run it or decided. */
export function mayStillDecide(plan: Plan, events: readonly Event[], topic: string): string[] {
  const asked = events.find(({ type, key }) => type === 'approval-requested' && key === topic)
  const given = events
    .filter(({ type, key }) => type === 'approval-given' && parseKey(key).step === parseKey(topic).step)
    .map(({ actor }) => actor.id)
  const words = (asked?.data['approvers'] ?? []) as string[]
  return possible(plan, words, [...runnersBefore(events, events.length), ...given])
}

/** Where signatures are judged, a decision without a payload to sign is none. */
function unsignedOr(event: Event, check: CheckSignature): string[] {
  return event.data['payload'] === undefined ? ['The approval is UNSIGNED'] : decisionProblem(event, check)
}
