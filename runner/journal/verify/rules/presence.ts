import { asksVerified, presenceFrom, strongest, suffices } from '../../../model/people/presence-level.ts'
import type { Presence } from '../../../model/people/presence-level.ts'
import { samePerson } from '../../../model/people/person.ts'
import { asText } from '../../../model/values/json.ts'
import type { Json } from '../../../model/values/json.ts'
import { judged, unproven } from '../check-result.ts'
import type { Check } from '../check-result.ts'
import type { Event } from '../../record/event.ts'
import { parseKey } from '../../record/event.ts'
import {
  decisionOf,
  isObject,
  namespaces,
  parseClosing,
  parsePayload,
  peopleOf,
  runnersBefore,
} from '../evidence.ts'
import { actProblems, missingActs, signedActs } from './acts.ts'
import { presenceOf } from '../signed-presence.ts'
import type { SignedPresence } from '../signed-presence.ts'
import { decisions } from './approvals.ts'
import { planField, planSteps } from './run.ts'
import type { CheckSignature, Signed } from './signatures.ts'
import { keyOf } from '../sshsig.ts'

/** The level that a plan requires of decisions on a step or, without a step, of the closing. A practice requires none. */
export function wantedPresence(plan: Json | undefined, events: readonly Event[], step?: string): Presence {
  if (events[0]?.data['practice'] === true) return 'none'
  const attributes = planSteps(plan).find(({ id }) => step !== undefined && id === step)?.['attributes']
  const own = isObject(attributes) ? attributes['presence'] : undefined
  return strongest(presenceFrom(planField(plan, 'presence')), presenceFrom(own))
}

/** Whether a signature shows as much of a person as is asked for. */
function hasPresence(signature: string | undefined, wanted: Presence): boolean {
  if (wanted === 'none') return true
  const presence = presenceOf(signature ?? '')
  return presence !== undefined && suffices(presence, wanted)
}

/** Why a signature shows less than is asked for, in words; undefined when it shows enough. */
export function presenceProblem(
  { by, of, signature }: { by: string; of: string; signature: string | undefined },
  wanted: Presence,
): string | undefined {
  if (hasPresence(signature, wanted)) return undefined
  return `${of} by ${by} needs presence \`${wanted}\`, and ${shortWords(signature, wanted)}`
}

function shortWords(signature: string | undefined, wanted: Presence): string {
  if (signature === undefined) return 'it is UNSIGNED'
  const presence = presenceOf(signature)
  if (!presence) return 'its signature does not say who was there'
  if (presence.level === 'key') return 'its key is not a security key'
  if (presence.level === 'none') return 'nobody touched the security key'
  if (presence.level === 'touch' && asksVerified(wanted)) return 'the security key did not verify the person'
  if (presence.place === 'hub')
    return `it was signed at ${presence.origin}, which is not on the signer's machine`
  return 'it does not show that'
}

/** The same for an approval or a rejection. The runner applies it before it accepts a decision. */
export function decisionPresenceProblem(
  event: Event,
  events: readonly Event[],
  plan: Json | undefined,
): string | undefined {
  const { step, by } = decisionOf(event)
  const { sig } = event.data
  const signature = typeof sig === 'string' ? sig : undefined
  const of = `The decision on step \`${step}\``
  return presenceProblem({ by, of, signature }, wantedPresence(plan, events, step))
}

/**
 * Every decision, every act of the operator and the closing has at least the level that the plan names; nothing where it
 * names none. `hashes` are those of the lines of the journal.
 */
export function presenceChecks(
  { events, plan, closing, closingSignature }: Omit<Signed, 'head' | 'headSignature'>,
  hashes: readonly string[],
  check: CheckSignature | undefined,
): Check[] {
  const atClose = wantedPresence(plan, events)
  const named = strongest(
    atClose,
    ...planSteps(plan).map(({ id }) => wantedPresence(plan, events, asText(id))),
  )
  if (named === 'none') return []
  const made = decisions(events).filter(
    (event) => wantedPresence(plan, events, decisionOf(event).step) !== 'none',
  )
  const isAsked = (step: string): boolean => wantedPresence(plan, events, step) !== 'none'
  const acts = signedActs(events).filter(({ key }) => isAsked(parseKey(key).step))
  const closed = parseClosing(closing)
  const problems = [
    ...missingActs(events, plan, isAsked),
    ...acts.flatMap((event) =>
      judgeAct(event, { events, hashes, plan }, check).map(
        (problem) => `run.jsonl:${event.seq + 1}: ${problem}`,
      ),
    ),
    ...made.flatMap((event) => {
      const problem = decisionPresenceProblem(event, events, plan)
      return problem === undefined ? [] : [`run.jsonl:${event.seq + 1}: ${problem}`]
    }),
    ...(closed
      ? [presenceProblem({ by: closed.by, of: 'The closing', signature: closingSignature }, atClose)]
      : []),
  ].filter((problem) => problem !== undefined)
  const signatures = [
    ...[...acts, ...made].map(({ actor, data }) => ({ by: actor.id, signature: asText(data['sig']) })),
    ...(closed && atClose !== 'none' ? [{ by: closed.by, signature: closingSignature ?? '' }] : []),
  ]
  if (problems.length === 0 && signatures.length > 0 && !check)
    return [
      unproven('presence', 'No list of allowed signers verifies the signatures, so presence is unknown'),
    ]
  const words = new Set(
    signatures.map(({ by, signature }) => `${by}: ${presenceWords(presenceOf(signature))}`),
  )
  const holds =
    words.size === 0
      ? `The plan asks for presence \`${named}\`; nobody has decided yet`
      : [...words].join('; ')
  return judged('presence', problems, holds)
}

interface ActContext {
  events: readonly Event[]
  hashes: readonly string[]
  plan: Json | undefined
}

/** Why an act of the operator does not count where presence is asked for; empty when it does. */
export function judgeAct(
  event: Event,
  { events, hashes, plan }: ActContext,
  check: CheckSignature | undefined,
): string[] {
  const { step } = parseKey(event.key)
  const by = event.actor.id
  const { sig, payload } = event.data
  const signature = typeof sig === 'string' ? sig : undefined
  const of = `The answer to \`${event.key}\``
  const absence = presenceProblem({ by, of, signature }, wantedPresence(plan, events, step))
  if (absence !== undefined) return [absence]
  const at = asText(parsePayload(payload)?.ts)
  const request = { principal: by, namespace: namespaces.presence, message: asText(payload), at }
  const problem = check?.({ ...request, signature: signature ?? '' })
  return [
    ...actProblems(event, events, hashes, plan),
    ...(problem === undefined ? [] : [`The signature of ${by} does not hold: ${problem}`]),
  ]
}

/** A level with what signed it, such as `verified, passkey at http://localhost:4321`. */
function presenceWords(presence: SignedPresence | undefined): string {
  if (!presence) return 'unknown'
  const { level, origin } = presence
  if (level === 'key') return 'key'
  return `${level}, ${origin === undefined ? 'security key' : `passkey at ${origin}`}`
}

/**
 * The people who did not run it and signed a yes or the closing, with at least a level and each with a key of their own.
 * Whether the signatures hold is for `verify` to say.
 */
export function humansOf(signed: Omit<Signed, 'head' | 'headSignature'>, wanted: Presence): string[] {
  const { events, plan, closing, closingSignature } = signed
  const { aliases } = peopleOf(plan)
  const runners = runnersBefore(events, events.length)
  const closed = parseClosing(closing)
  const uses: { by: string; key: string }[] = []
  for (const { by, signature } of [
    ...decisions(events)
      .filter(({ type, data }) => type === 'approval-given' && typeof data['payload'] === 'string')
      .map(({ actor, data }) => ({ by: actor.id, signature: asText(data['sig']) })),
    ...(closed ? [{ by: closed.by, signature: closingSignature ?? '' }] : []),
  ]) {
    const key = keyOf(signature)
    if (key === undefined || !hasPresence(signature, wanted)) continue
    if (runners.some((id) => samePerson(id, by, aliases))) continue
    if (uses.some((one) => one.key === key || samePerson(one.by, by, aliases))) continue
    uses.push({ by, key })
  }
  return uses.map(({ by }) => by)
}
