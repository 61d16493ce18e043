import { randomUUID } from 'node:crypto'
import { parseKey } from '../../journal/record/event.ts'
import type { Event, EventType } from '../../journal/record/event.ts'
import { namespaces } from '../../journal/verify/evidence.ts'
import { actDraft, actText } from '../../journal/verify/rules/acts.ts'
import type { Act } from '../../journal/verify/rules/acts.ts'
import { judgeAct, wantedPresence } from '../../journal/verify/rules/presence.ts'
import { sha256 } from '../../journal/record/write-journal.ts'
import { asksVerified } from '../../model/people/presence-level.ts'
import { failure, ProblemError, success } from '../../model/problem.ts'
import type { Outcome } from '../../model/problem.ts'
import type { SignedText, SigningRequest } from '../../model/people/signing-request.ts'
import type { Actor, Plan } from '../../model/plan.ts'
import type { Json, JsonObject } from '../../model/values/json.ts'
import type { AnyQuestion } from '../loop/durable.ts'
import { redactValue } from '../process/redact/redact.ts'
import type { Run } from '../run.ts'
import { wrapAssertion } from '../sign/passkey.ts'
import type { Passkey } from '../sign/security-keys.ts'
import { checkerOf } from '../sign/trust.ts'
import type { Trust } from '../sign/ssh-keygen.ts'

/** The event of an answer, by the type of its question. */
export const answerTypes: Record<AnyQuestion['type'], EventType> = {
  go: 'step-confirmed',
  confirm: 'word-confirmed',
  resolve: 'outcome-resolved',
  task: 'task-ticked',
  approval: 'approval-given',
  gate: 'gate-answered',
  field: 'field-answered',
}

/** Whether the operator signs an answer where presence is asked for; of the tasks and fields of a step the last is signed. */
export function isSigned(question: AnyQuestion): boolean {
  if (question.type === 'approval' || question.type === 'resolve') return false
  return !('index' in question) || question.index === question.of
}

/**
 * Has the operator sign their answer where the plan asks for presence: `--yes` and a file of answers never get here. An
 * answer from a page is signed already, and was judged. Throws ProblemError where the signature shows too little.
 */
export function attest(run: Run, question: AnyQuestion, act: Act, by: Actor): JsonObject {
  const { plan, journal, decisionSigner: signer, env, trust } = run
  const { step } = parseKey(act.key)
  const wanted = wantedPresence(plan as unknown as Json, journal.events, step)
  if (wanted === 'none' || !isSigned(question) || typeof act.data['sig'] === 'string') return act.data
  const hint = 'The run waits for this answer: resume it with RUNBOOK_PRESENCE_KEY set to your security key.'
  const refuse = (message: string): ProblemError => new ProblemError({ message, hint }, 4)
  if (!signer) throw refuse(`Step \`${step}\` asks for presence \`${wanted}\`, and no key signs for ${by.id}`)
  const data = redactValue(act.data, run.hidden)
  const statement = { act: { ...act, data }, by: by.id, events: journal.events, head: journal.head() }
  const payload = actText({ ...statement, nonce: randomUUID() }, new Date().toISOString())
  const signed = { ...data, payload, sig: signer.sign(namespaces.presence, payload) }
  const problem = doubtOf({ ...statement, act: { ...act, data: signed } }, by, plan, trust, env)
  if (problem !== undefined) throw refuse(problem)
  return signed
}

interface Stated {
  act: Act
  events: readonly Event[]
  /** Hash of the journal's last line. */
  head: string
}

/** Why the signature of an act does not count; undefined when it does. */
export function doubtOf(
  { act, events, head }: Stated,
  by: Actor,
  plan: Plan,
  trust: Trust | undefined,
  env: Record<string, string | undefined>,
): string | undefined {
  const event: Event = {
    v: 1,
    seq: events.length,
    ts: new Date().toISOString(),
    run: events[0]?.run ?? '',
    ...act,
    actor: by,
    prev: head,
  }
  const hashes = [...events.slice(1).map(({ prev }) => prev), head]
  const context = { events: [...events, event], hashes, plan: plan as unknown as Json }
  return judgeAct(event, context, checkerOf(trust, env))[0]
}

/** An answer of the operator on a page, as it will be recorded. */
export interface PasskeyAct extends Stated {
  plan: Plan
  by: Actor
  /** The text on the page; its digest is signed. */
  shown: string
  passkeys: readonly Passkey[]
}

/** The page on which the operator signs an answer by a passkey; the answer itself was given before. */
export function actRequest({ act, events, head, plan, by, shown, passkeys }: PasskeyAct): SigningRequest {
  const { step } = parseKey(act.key)
  const presence = wantedPresence(plan as unknown as Json, events, step)
  const draft = actDraft({ act, by: by.id, events, head, nonce: randomUUID() })
  return {
    title: plan.steps.find(({ id }) => id === step)?.title ?? step,
    shown,
    facts: [
      ['Run', events[0]?.run ?? ''],
      ['Step', step],
      ['You answer as', by.id],
      ['Presence', presence],
    ],
    namespace: namespaces.presence,
    draft: { ...draft, shownSha256: sha256(shown) },
    choices: [{ label: 'Sign the answer', members: {}, reason: 'none', tone: 'ok' }],
    passkeys: passkeys.map(({ credential }) => credential),
    verified: asksVerified(presence),
  }
}

/** The members that a signature by passkey adds to the answer: `payload` and `sig`. The inbox judges them again. */
export function judgeSignedAct(
  signed: SignedText,
  asked: PasskeyAct & { trust: Trust | undefined; env: Record<string, string | undefined> },
): Outcome<{ payload: string; sig: string }> {
  const { act, by, plan, passkeys, trust, env } = asked
  const key = passkeys.find(({ credential }) => credential === signed.credential)?.key
  if (!key) return failure(`The passkey is not listed for ${by.id}`)
  const wrapped = wrapAssertion(key, namespaces.presence, signed.assertion)
  if (!wrapped.ok) return wrapped
  const members = { payload: signed.text, sig: wrapped.value }
  const doubt = doubtOf(
    { ...asked, act: { ...act, data: { ...act.data, ...members } } },
    by,
    plan,
    trust,
    env,
  )
  return doubt === undefined ? success(members) : failure(doubt)
}
