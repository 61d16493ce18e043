import { namespaces, parsePayload } from '../../journal/verify/evidence.ts'
import { asksVerified, stepPresence } from '../../model/people/presence-level.ts'
import { failure, success } from '../../model/problem.ts'
import type { Outcome } from '../../model/problem.ts'
import type { SignedText, SigningRequest } from '../../model/people/signing-request.ts'
import type { Actor } from '../../model/plan.ts'
import { parseKey } from '../../journal/record/event.ts'
import { wrapAssertion } from '../sign/passkey.ts'
import type { Passkey } from '../sign/security-keys.ts'
import { decisionDraft, disbelief, shownOf } from './approval.ts'
import type { Believing, MadeDecision } from './approval.ts'

/** A decision by passkey: about which request, by whom, and with which passkeys. */
export interface PasskeyDecision extends Believing {
  /** The request: one of `openApprovals`. */
  topic: string
  by: Actor
  /** Those of the person for the host of the page: see `passkeysOf`. */
  passkeys: readonly Passkey[]
}

/**
 * What a page shows and has signed for a decision. The statement binds run, plan, inputs, what is shown and every event
 * until now, so one request is for one moment: make another when the journal has grown.
 */
export function decisionRequest(asked: PasskeyDecision): SigningRequest {
  const { plan, events, topic, by, passkeys } = asked
  const { step } = parseKey(topic)
  const draft = decisionDraft(asked)
  const presence = stepPresence(plan, step)
  return {
    title: plan.steps.find(({ id }) => id === step)?.title ?? step,
    shown: shownOf(events, topic),
    facts: [
      ['Runbook', plan.title],
      ['Run', draft.run],
      ['Step', step],
      ['Run by', draft.requestedBy],
      ['You decide as', by.id],
      ...(presence === 'none' ? [] : [['Presence', presence] as const]),
    ],
    namespace: namespaces.approval,
    draft,
    choices: [
      { label: 'Approve', members: { decision: 'approved' }, reason: 'optional', tone: 'ok' },
      { label: 'Reject', members: { decision: 'rejected' }, reason: 'required', tone: 'bad' },
    ],
    passkeys: passkeys.map(({ credential }) => credential),
    verified: presence === 'none' || asksVerified(presence),
  }
}

/**
 * Judges the answer of the page by the rules of `verify` and returns the decision to post; nothing else that the page
 * says is believed. A failure states why the run would not accept it.
 */
export function judgeDecision(signed: SignedText, asked: PasskeyDecision): Outcome<MadeDecision> {
  const { topic, by, passkeys } = asked
  const key = passkeys.find(({ credential }) => credential === signed.credential)?.key
  if (!key) return failure(`The passkey is not listed for ${by.id}`)
  const payload = parsePayload(signed.text)
  if (payload?.topic !== topic) return failure('The statement is not about this request')
  const { decision, reason } = payload
  if (decision !== 'approved' && decision !== 'rejected') return failure('The statement has no decision')
  if (decision === 'rejected' && reason.trim() === '') return failure('A rejection needs a reason')
  const wrapped = wrapAssertion(key, namespaces.approval, signed.assertion)
  if (!wrapped.ok) return wrapped
  const answer: MadeDecision = { decision, reason, by, payload: signed.text, sig: wrapped.value }
  const doubt = disbelief(answer, topic, asked)
  return doubt === undefined ? success(answer) : failure(`The run would not believe this decision: ${doubt}`)
}
