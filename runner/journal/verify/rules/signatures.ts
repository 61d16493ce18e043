import type { Json } from '../../../model/values/json.ts'
import { samePerson, spellingsOf } from '../../../model/people/person.ts'
import { failed, judged, ok, unproven } from '../check-result.ts'
import type { Check } from '../check-result.ts'
import type { Event } from '../../record/event.ts'
import { decisionOf, namespaces, parseClosing, parseHead, peopleOf, runnersBefore } from '../evidence.ts'
import { decisions, payloadOf } from './approvals.ts'
import { planField } from './run.ts'
import { keyOf } from '../sshsig.ts'
import { counted } from '../../../model/counted.ts'

export interface SignatureRequest {
  /** Who must have signed, as allowed_signers names them. */
  principal: string
  namespace: string
  message: string
  /** The armored SSH signature. */
  signature: string
  /** When it was made, by its own word: keys are judged as of then. */
  at: string
}

/** The only effect verification has. */
export interface CheckSignature {
  /** Undefined when the signature is good, else why it is not, in words. */
  (request: SignatureRequest): string | undefined
  /** Whether the list of keys gives a person the key of a fingerprint, at any time and for any purpose. */
  lists?(fingerprint: string, person: string): boolean
}

const unjudgedWords =
  'There are signatures and no list of allowed signers to judge them by, so this counts as UNSIGNED: give --allowed-signers'

export interface Signed {
  head: string | undefined
  headSignature: string | undefined
  closing: string | undefined
  closingSignature: string | undefined
  events: readonly Event[]
  plan: Json | undefined
}

const unsignedWords =
  'UNSIGNED: anybody who could write to this folder could have written all of it; no name in it is proven'

/** Undefined `check` says that it is unknown which keys are allowed. The newest head of an open run may not be signed yet. */
export function signatureChecks(signed: Signed, check: CheckSignature | undefined, open: boolean): Check[] {
  if (!check) return withoutKeys(signed)
  const unsealed = open && signed.headSignature === undefined
  const made = decisions(signed.events).filter(({ data }) => data['payload'] !== undefined)
  const problems = [
    ...(unsealed ? [] : headProblem(signed, check)),
    ...closingProblem(signed, check),
    ...made.flatMap((event) => decisionProblem(event, check)),
    ...keyProblems(signed, check.lists),
  ]
  const by = parseHead(signed.head)?.by
  const approvals = made.length === 0 ? '' : `; ${counted(made.length, 'approval')} signed`
  if (unsealed && problems.length === 0)
    return [unproven('signature', `The run is not signed until it pauses or ends${approvals}`)]
  return judged('signature', problems, `Signed by ${by}${approvals}`)
}

function withoutKeys(signed: Signed): Check[] {
  const { headSignature, closingSignature, events } = signed
  const some =
    headSignature !== undefined ||
    closingSignature !== undefined ||
    decisions(events).some(({ data }) => data['sig'] !== undefined)
  const problems = keyProblems(signed, undefined)
  if (problems.length > 0) return judged('signature', problems, '')
  return [unproven('signature', some ? unjudgedWords : unsignedWords)]
}

/** A signature of a run as it lies there, and the text it belongs to. */
export interface MadeSignature {
  /** `head.json.sig`, or the line of the journal. */
  where: string
  namespace: string
  text: string
  signature: string
}

/** Every signature of a run. */
export function madeSignatures({
  head,
  headSignature,
  closing,
  closingSignature,
  events,
}: Signed): MadeSignature[] {
  const beside = [
    { where: 'head.json.sig', namespace: namespaces.head, text: head, signature: headSignature },
    { where: 'close.json.sig', namespace: namespaces.approval, text: closing, signature: closingSignature },
  ]
  const decided = decisions(events).map(({ seq, data }) => ({
    where: `run.jsonl:${seq + 1}: The signature of the decision`,
    namespace: namespaces.approval,
    text: data['payload'],
    signature: data['sig'],
  }))
  return [...beside, ...decided].flatMap(({ text, signature, ...made }) =>
    typeof text === 'string' && typeof signature === 'string' ? [{ ...made, text, signature }] : [],
  )
}

function plainText(value: Json | undefined): string {
  return typeof value === 'string' && /^[ -~]+$/.test(value) ? value : ''
}

function plainSignature(value: Json | undefined): string {
  return typeof value === 'string' ? value : ''
}

/**
 * One key is one person, however many names it is listed for: it cannot run and approve, nor approve as two. A key that
 * `lists` gives to somebody else who ran or decided is theirs too.
 */
export function keyProblems(
  { events, plan, head, headSignature, closing, closingSignature }: Signed,
  lists: CheckSignature['lists'],
): string[] {
  if (planField(plan, 'selfApproval') === true) return []
  const uses = [
    ...events.map(({ data, actor }) => ({
      key: plainText(data['signedWith']),
      by: plainText(data['sealedBy']) || actor.id,
    })),
    ...events.map(({ data, actor }) => ({ key: keyOf(plainSignature(data['sig'])), by: actor.id })),
    { key: keyOf(headSignature ?? ''), by: parseHead(head)?.by },
    { key: keyOf(closingSignature ?? ''), by: parseClosing(closing)?.by },
  ]
  const { aliases } = peopleOf(plan)
  const people = new Set([...runnersBefore(events, events.length), ...uses.flatMap(({ by }) => by ?? [])])
  const first = new Map<string, string>()
  const shared = new Set<string>()
  for (const { key, by } of uses) {
    const fingerprint = key?.split(' ').at(-1)
    if (!fingerprint || by === undefined) continue
    const before = first.get(fingerprint)
    if (before !== undefined) {
      if (!samePerson(before, by, aliases))
        shared.add(`The key ${key} signed as ${before} and as ${by}: one key is one person`)
      continue
    }
    first.set(fingerprint, by)
    for (const other of people)
      if (
        !samePerson(other, by, aliases) &&
        spellingsOf(other, aliases).some((one) => lists?.(fingerprint, one))
      )
        shared.add(
          `The key ${key} signed as ${by}, and allowed_signers lists it for ${other} too: one key is one person`,
        )
  }
  return [...shared]
}

function headProblem({ head, headSignature }: Signed, check: CheckSignature): string[] {
  const value = parseHead(head)
  if (head === undefined || !value) return ['There is no head to be signed']
  if (headSignature === undefined)
    return [
      'head.json is UNSIGNED, and allowed_signers asks for a signature: a run started with RUNBOOK_SIGNING_KEY has one',
    ]
  return statementProblem('head.json', head, value, headSignature, namespaces.head, check)
}

function closingProblem({ closing, closingSignature }: Signed, check: CheckSignature): string[] {
  if (closing === undefined) return []
  const value = parseClosing(closing)
  if (!value || closingSignature === undefined) return ['close.json is UNSIGNED']
  return statementProblem('close.json', closing, value, closingSignature, namespaces.approval, check)
}

function statementProblem(
  file: string,
  message: string,
  { by, ts }: { by: string; ts: string },
  signature: string,
  namespace: string,
  check: CheckSignature,
): string[] {
  const problem = check({ principal: by, namespace, message, at: ts, signature })
  return problem === undefined ? [] : [`The signature of ${file} by ${by} does not hold: ${problem}`]
}

/** Also what the runner asks before it believes a decision. */
export function decisionProblem(event: Event, check: CheckSignature): string[] {
  const payload = payloadOf(event)
  const { payload: message, sig } = event.data
  const at = `run.jsonl:${event.seq + 1}`
  if (!payload || typeof message !== 'string') return []
  if (typeof sig !== 'string') return [`${at}: The approval by ${payload.by} is UNSIGNED`]
  const request = {
    principal: payload.by,
    namespace: namespaces.approval,
    message,
    at: payload.ts,
  }
  const problem = check({ ...request, signature: sig })
  return problem === undefined ? [] : [`${at}: The signature of ${payload.by} does not hold: ${problem}`]
}

/** The list of signers the run was started under is the one that lies beside it. */
export function signersChecks(events: readonly Event[], digest: string | undefined): Check[] {
  const bound = events[0]?.data['signersSha256']
  if (typeof bound !== 'string' || bound === '') return []
  return digest === bound
    ? [ok('signers', 'allowed_signers is the list the run was started under')]
    : [failed('signers', 'allowed_signers beside the run is not the list it was started under')]
}

/** One signature of a run as a reader asks about it: by whom, with which key, for what, and whether it holds. */
export interface JudgedSignature {
  /** `approval of step go`, `closing` or `seal`. */
  of: string
  by: string
  /** Type and fingerprint of the key as the signature itself states them; undefined where nothing is signed. */
  key: string | undefined
  namespace: string
  /** By its own word, RFC 3339. */
  at: string
  /** `unjudged`: there is no list of keys to judge it by. */
  verdict: 'good' | 'bad' | 'unsigned' | 'unjudged'
  /** Why it does not hold, in words. */
  problem: string
}

/** Every place of a run where a signature belongs, in order of time. */
export function judgeSignatures(signed: Signed, check: CheckSignature | undefined): JudgedSignature[] {
  const head = parseHead(signed.head)
  const closing = parseClosing(signed.closing)
  const made = decisions(signed.events).map((event): JudgedSignature => {
    const { sig } = event.data
    const verdict = judgedAs(
      typeof sig === 'string' ? sig : undefined,
      check && decisionProblem(event, check),
    )
    const { step } = decisionOf(event)
    const of = `${event.type === 'approval-given' ? 'approval' : 'rejection'} of step ${step}`
    return { of, by: event.actor.id, namespace: namespaces.approval, at: event.ts, ...verdict }
  })
  const seal =
    head &&
    ({
      of: 'seal of the run',
      by: head.by,
      namespace: namespaces.head,
      at: head.ts,
      ...judgedAs(signed.headSignature, check && headProblem(signed, check)),
    } satisfies JudgedSignature)
  const close =
    closing &&
    ({
      of: 'closing by a second person',
      by: closing.by,
      namespace: namespaces.approval,
      at: closing.ts,
      ...judgedAs(signed.closingSignature, check && closingProblem(signed, check)),
    } satisfies JudgedSignature)
  return [...made, ...(seal ? [seal] : []), ...(close ? [close] : [])]
}

function judgedAs(
  signature: string | undefined,
  problems: readonly string[] | undefined,
): Pick<JudgedSignature, 'key' | 'verdict' | 'problem'> {
  if (signature === undefined) return { key: undefined, verdict: 'unsigned', problem: '' }
  const key = keyOf(signature)
  if (problems === undefined) return { key, verdict: 'unjudged', problem: '' }
  return { key, verdict: problems.length === 0 ? 'good' : 'bad', problem: problems.join('; ') }
}
