import { randomUUID } from 'node:crypto'
import { canonical } from '../../journal/canonical.ts'
import {
  mayDecide,
  namespaces,
  parsePayload,
  runnersBefore,
  signedInAnotherRole,
} from '../../journal/evidence.ts'
import type { ApprovalPayload } from '../../journal/evidence.ts'
import type { Event } from '../../journal/event.ts'
import { parseKey } from '../../journal/event.ts'
import { decisionProblems } from '../../journal/rules-approvals.ts'
import type { CheckSignature } from '../../journal/rules-signatures.ts'
import { decisionProblem } from '../../journal/rules-signatures.ts'
import { sha256 } from '../../journal/write.ts'
import type { ApprovalAnswer, Question } from '../../kinds/kind.ts'
import { asText } from '../../model/values/json.ts'
import type { Json, JsonObject } from '../../model/values/json.ts'
import type { Actor, Plan } from '../../model/plan.ts'
import type { Signer } from '../sign/key.ts'

/** The topics of a step that were asked and not yet decided. */
export function openApproval(events: readonly Event[], step: string): string | undefined {
  const decided = new Set(
    events
      .filter(({ type }) => ['approval-given', 'approval-rejected', 'approval-expired'].includes(type))
      .map(({ key }) => key),
  )
  return events.find(
    ({ type, key }) => type === 'approval-requested' && parseKey(key).step === step && !decided.has(key),
  )?.key
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
  if (runnersBefore(events, events.length).has(by) && !plan.selfApproval)
    return `${by} runs this, and nobody approves their own run`
  if (!mayDecide(asked?.data['approvers'], by)) return `${by} is none of those who may decide`
  const { step } = parseKey(topic)
  const may = allowedBy(plan, (asked?.data['approvers'] ?? []) as string[])
  if (may && !may.includes(by))
    return `${by} is none of those who may decide: ${may.length > 0 ? may.join(', ') : 'nobody has that role'}`
  const given = events.some(
    ({ type, key, actor }) => type === 'approval-given' && parseKey(key).step === step && actor.id === by,
  )
  if (given) return `${by} has approved already; the step needs different people`
  const other = plan.selfApproval ? undefined : signedInAnotherRole(events, asked, by)
  return other === undefined
    ? undefined
    : `${by} signed step \`${other}\` in another role, and nobody signs one run in two roles`
}

/** Who may decide, where there is a list of people; a lab in which everybody approves has none. */
function allowedBy(plan: Plan, approvers: readonly string[]): string[] | undefined {
  const { people } = plan
  if (!people || plan.selfApproval) return undefined
  return [...new Set(approvers.flatMap((word) => people[word] ?? [word]))]
}

/**
 * Exactly what an approver is shown; its digest is part of what they sign.
 * @internal
 */
export function shownText(
  plan: Plan,
  topic: string,
  question: Extract<Question, { type: 'approval' }>,
): string {
  const { title, prose, approvers, min, given } = question
  const inputs = Object.entries(plan.inputs).map(([name, value]) => `  ${name} = ${value}`)
  return [
    `${plan.title}, step \`${parseKey(topic).step}\`: ${title}`,
    `Needs ${min} of ${approvers.join(', ')}${given.length > 0 ? `; given by ${given.join(', ')}` : ''}`,
    ...(prose === '' ? [] : ['', prose]),
    ...(inputs.length === 0 ? [] : ['', 'Inputs:', ...inputs]),
    '',
    `Document ${plan.sha256}`,
  ].join('\n')
}

/** What approval-requested records: what is needed, and what is shown. */
export function requestData(
  plan: Plan,
  topic: string,
  question: Extract<Question, { type: 'approval' }>,
): JsonObject {
  const { approvers, min, separate, deadline } = question
  const shown = shownText(plan, topic, question)
  return {
    approvers,
    min,
    shown,
    ...(separate ? {} : { separate }),
    ...(deadline === undefined ? {} : { deadline }),
  }
}

export interface Decision {
  events: readonly Event[]
  /** Hash of the journal's last line. */
  head: string
  topic: string
  decision: 'approved' | 'rejected'
  reason: string
  by: Actor
  signer: Signer | undefined
}

/** A decision bound to the run, its plan, what was shown and all that went before; signed when there is a key. */
export function makeDecision(made: Decision): ApprovalAnswer {
  const { events, topic, decision, reason, by, signer } = made
  const first = events[0]
  const asked = events.find(({ type, key }) => type === 'approval-requested' && key === topic)
  const payload: ApprovalPayload = {
    v: 1,
    run: first?.run ?? '',
    step: parseKey(topic).step,
    topic,
    decision,
    reason,
    by: by.id,
    requestedBy: first?.actor.id ?? '',
    planSha256: asText(first?.data['planSha256']),
    inputsSha256: asText(first?.data['inputsSha256']),
    shownSha256: sha256(asText(asked?.data['shown'])),
    head: { size: events.length, sha256: made.head },
    ts: new Date().toISOString(),
    nonce: randomUUID(),
  }
  const text = canonical(payload)
  const signature = signer && { sig: signer.sign(namespaces.approval, text) }
  return { decision, reason, by, payload: text, ...signature }
}

export interface Believing {
  plan: Plan
  events: readonly Event[]
  head: string
  /** Judges signatures; without it none are asked for. */
  check: CheckSignature | undefined
}

/** Why a decision that lies in the inbox is not believed: the same rules `verify` asks, asked before it counts. */
export function disbelief(
  answer: JsonObject & { by: Actor },
  topic: string,
  believing: Believing,
): string | undefined {
  const { plan, events, head, check } = believing
  const own = approvalProblem(plan, events, topic, answer.by.id, decidedAt(answer))
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
  return [...decisionProblems(event, context, plan.selfApproval), ...signature][0]
}

/** A decision made in time counts however late it is read; when it was made is part of what is bound. */
function decidedAt({ payload }: JsonObject): number {
  const at = parsePayload(payload)?.ts
  return at === undefined ? Date.now() : Date.parse(at)
}

/** Where signatures are judged, a decision without a payload to sign is none. */
function unsignedOr(event: Event, check: CheckSignature): string[] {
  return event.data['payload'] === undefined ? ['The approval is UNSIGNED'] : decisionProblem(event, check)
}
