import { samePerson } from '../../model/people/person.ts'
import type { Aliases } from '../../model/people/person.ts'
import { asText } from '../../model/values/json.ts'
import type { Json, JsonObject } from '../../model/values/json.ts'
import { canonical, isCanonical } from '../record/canonical.ts'
import { parseKey } from '../record/event.ts'
import type { Event } from '../record/event.ts'
import { isRecord } from '../../model/values/json.ts'

/** The purpose of a signature; a key for one purpose cannot serve another. */
export const namespaces = {
  head: 'runbook-head@v1',
  approval: 'runbook-approval@v1',
  /** A person's own acts: go, confirm, attest, and the enrolment of their key. */
  presence: 'runbook-presence@v1',
  attestation: 'runbook-attestation@v1',
  /** Keepers over the lists of keys. */
  keys: 'runbook-keys@v1',
} as const

/** How far back the clock may step between two events, in milliseconds: what time synchronization may do. */
export const clockSlackMs = 5_000
/** How far the clock of an approver's machine may be off the runner's, in milliseconds. */
export const clockSkewMs = 300_000

/** The first `size` lines of a file, named by the hash of the last of them. */
export interface Prefix extends JsonObject {
  size: number
  sha256: string
}

/** `head.json`: what the journal was when somebody put their name to it. */
export interface Head extends JsonObject {
  v: 1
  run: string
  size: number
  sha256: string
  /** Whether the run had ended. */
  final: boolean
  by: string
  ts: string
  /** The heads index as it was just before this head was added to it. */
  index: Prefix
}

/** The text that an approver signs: this step of this run under this plan, the shown text, and all earlier events. */
export interface ApprovalPayload extends JsonObject {
  v: 1
  run: string
  step: string
  topic: string
  decision: string
  reason: string
  by: string
  requestedBy: string
  planSha256: string
  shownSha256: string
  inputsSha256: string
  head: Prefix
  ts: string
  nonce: string
}

/** `close.json`: a second person has read the finished run. */
export interface Closing extends JsonObject {
  v: 1
  purpose: 'close'
  run: string
  head: Prefix
  planSha256: string
  by: string
  ts: string
  nonce: string
  /** SHA-256 of the text that was shown, in hexadecimal; closings of earlier versions have none. */
  shownSha256?: string
}

/** The bytes that are stored and signed; nobody ever writes such a file anew to check it. */
export function documentText(value: JsonObject): string {
  return `${canonical(value)}\n`
}

/** Reads a document written by documentText; undefined when it is not exactly such a text. */
export function parseDocument(text: string): JsonObject | undefined {
  return text.endsWith('\n') ? parseExact(text.slice(0, -1)) : undefined
}

/** Reads an object whose text is exactly its canonical form: a text that two programs could read in two ways is refused. */
function parseExact(text: string): JsonObject | undefined {
  const value = parseJson(text)
  if (!isObject(value)) return undefined
  return isCanonical(text, value) ? value : undefined
}

export function parseHead(text: string | undefined): Head | undefined {
  const value = parseDocument(text ?? '')
  const formed =
    value?.['v'] === 1 &&
    typeof value['final'] === 'boolean' &&
    isPrefix(value) &&
    isPrefix(value['index']) &&
    hasTexts(value, 'run', 'by', 'ts')
  return formed ? (value as Head) : undefined
}

export function parseClosing(text: string | undefined): Closing | undefined {
  const value = parseDocument(text ?? '')
  const formed = value?.['v'] === 1 && value['purpose'] === 'close' && isPrefix(value['head'])
  return formed && hasTexts(value, 'run', 'planSha256', 'by', 'ts') ? (value as Closing) : undefined
}

export function parsePayload(text: Json | undefined): ApprovalPayload | undefined {
  const value = typeof text === 'string' ? parseExact(text) : undefined
  const formed = value?.['v'] === 1 && isPrefix(value['head']) && hasTexts(value, 'by', 'ts', 'nonce')
  return formed ? (value as ApprovalPayload) : undefined
}

function isPrefix(value: Json | undefined): value is Prefix {
  return isObject(value) && typeof value['size'] === 'number' && typeof value['sha256'] === 'string'
}

function hasTexts(value: JsonObject, ...names: readonly string[]): boolean {
  return names.every((name) => typeof value[name] === 'string')
}

export function isObject(value: Json | undefined): value is JsonObject {
  return isRecord(value)
}

export function parseJson(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json
  } catch {
    return undefined
  }
}

/** Canonical text, or undefined for a value the format does not allow. */
function safeCanonical(value: Json): string | undefined {
  try {
    return canonical(value)
  } catch {
    return undefined
  }
}

export function sameJson(a: Json | undefined, b: Json | undefined): boolean {
  return a !== undefined && b !== undefined && safeCanonical(a) === safeCanonical(b)
}

/** The addresses of those who ran it, up to a place in the journal. */
export function runnersBefore(events: readonly Event[], seq: number): string[] {
  return events
    .slice(0, seq)
    .filter(({ type }) => type === 'run-started' || type === 'run-resumed')
    .flatMap(({ actor, data }) => [
      // A machine that drives the run of somebody else and signs its head. The person comes last: they have the watch.
      ...(typeof data['sealedBy'] === 'string' ? [data['sealedBy']] : []),
      actor.id,
    ])
}

/** The people of a plan: the members of each role, and the spellings of one person. */
export interface PlannedPeople {
  holders: Readonly<Record<string, readonly string[]>> | undefined
  aliases: Aliases
}

/** Reads it from a plan of unknown shape; one without a list, as older versions made them, lets keys decide on roles. */
export function peopleOf(plan: Json | undefined): PlannedPeople {
  const { people, aliases } = isObject(plan) ? plan : ({} as JsonObject)
  return {
    holders: isObject(people) ? (people as Record<string, string[]>) : undefined,
    aliases: isObject(aliases) ? (aliases as Record<string, string>) : {},
  }
}

export interface NamedFile {
  file: string
  bytes: number
  sha256: string
}

/** Every file an event binds by digest, wherever a kind put it. */
export function namedFiles(events: readonly Event[]): NamedFile[] {
  const named: NamedFile[] = []
  const visit = (value: Json): void => {
    if (typeof value !== 'object' || value === null) return
    if (Array.isArray(value)) return value.forEach(visit)
    const { file, bytes, sha256 } = value
    if (typeof file === 'string' && typeof bytes === 'number' && typeof sha256 === 'string')
      named.push({ file, bytes, sha256 })
    Object.values(value).forEach(visit)
  }
  for (const event of events) visit(event.data)
  return named
}

/** Output lies in `steps/`; a name that leads elsewhere is never followed. */
export function isSafeName(file: string): boolean {
  return /^steps(\/[A-Za-z0-9][A-Za-z0-9._@-]*){1,6}$/.test(file)
}

/**
 * Whether a list of approvers lets somebody decide. Where the plan has a list of people it lists the people of each
 * word; without one a name with an @ is a person, and any other a role, which the keys decide.
 */
export function mayDecide(
  approvers: Json | undefined,
  by: string,
  { holders, aliases }: PlannedPeople,
): boolean {
  if (!Array.isArray(approvers) || approvers.length === 0) return true
  return approvers.map(asText).some((word) => {
    if (!holders) return !word.includes('@') || samePerson(word, by, aliases)
    const behind = Object.hasOwn(holders, word) ? (holders[word] ?? []) : [word]
    return behind.some((id) => samePerson(asText(id), by, aliases))
  })
}

/**
 * The step of this run that somebody approved for other roles than those now asked, or undefined when there is none
 * or the request allows it.
 */
export function signedInAnotherRole(
  events: readonly Event[],
  asked: Event | undefined,
  by: string,
  aliases: Aliases,
): string | undefined {
  if (asked === undefined || asked.data['separate'] === false) return undefined
  const { step } = parseKey(asked.key)
  const roles = rolesOf(asked)
  const other = events.find(
    (event) =>
      event.type === 'approval-given' &&
      samePerson(event.actor.id, by, aliases) &&
      parseKey(event.key).step !== step &&
      events.some(
        ({ type, key, data }) =>
          type === 'approval-requested' && key === event.key && rolesOf({ data }) !== roles,
      ),
  )
  return other && parseKey(other.key).step
}

/** Who was asked, the same text whatever the order. */
function rolesOf({ data }: Pick<Event, 'data'>): string {
  const { approvers } = data
  return Array.isArray(approvers) ? approvers.map(asText).toSorted().join(' ') : ''
}

/** The person and step a decision is about. */
export function decisionOf(event: Event): { step: string; by: string; approved: boolean } {
  return { step: parseKey(event.key).step, by: event.actor.id, approved: event.type === 'approval-given' }
}
