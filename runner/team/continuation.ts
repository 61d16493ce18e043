import * as z from 'zod'
import type { Event } from '../journal/record/event.ts'
import type { CheckSignature } from '../journal/verify/rules/signatures.ts'
import { failure } from '../model/problem.ts'
import type { Outcome } from '../model/problem.ts'
import type { Actor } from '../model/plan.ts'
import type { JsonObject } from '../model/values/json.ts'
import type { OnPage, SignedAct } from './port.ts'
import {
  actorShape,
  idShape,
  onPage,
  readStatement,
  signatureDoubt,
  teamNamespaces,
  sha256Shape,
  textShape,
  timeDoubt,
} from './statement.ts'

export const continuations = ['resume', 'rollback'] as const

/** A person's statement that a run goes on, or is rolled back; signed in namespace `runbook-order`. */
export interface Continuation extends JsonObject, OnPage {
  v: 1
  act: (typeof continuations)[number]
  run: string
  /** SHA-256 of the frozen plan, as the first event has it. */
  planSha256: string
  /** The journal that the person saw: how many events, and the hash of the last line. */
  head: { size: number; sha256: string }
  reason: string
  by: Actor
  /** RFC 3339: when it was made. */
  at: string
  /** RFC 3339: no runner heeds it after that. */
  expires: string
  nonce: string
}

const shape = z.strictObject({
  v: z.literal(1),
  act: z.enum(continuations),
  run: idShape,
  planSha256: sha256Shape,
  head: z.strictObject({ size: z.int().min(1), sha256: sha256Shape }),
  reason: textShape,
  by: actorShape,
  at: z.iso.datetime(),
  expires: z.iso.datetime(),
  nonce: z.uuid(),
  ...onPage,
})

export function readContinuation(statement: string): Outcome<Continuation> {
  return readStatement<Continuation>(statement, shape, 'request to go on')
}

/** The answer in which the database carries it; its topic is the act. */
export function asAnswer({ statement, signature }: SignedAct, by: Actor): JsonObject {
  return { statement, signature, by }
}

/** The run as its journal is at this moment. */
export interface Now {
  run: string
  planSha256: string
  events: readonly Event[]
  /** Hash of each line. */
  hashes: readonly string[]
  check: CheckSignature | undefined
  /** Milliseconds since the epoch. */
  now: number
}

/**
 * Why it does not count; undefined when it does. It is for one moment of one run: once the run goes on, what was signed before
 * counts no more.
 */
function continuationDoubt(
  wish: Continuation,
  act: SignedAct,
  { run, planSha256, events, hashes, check, now }: Now,
): string | undefined {
  if (wish.run !== run) return 'it is about another run'
  if (wish.planSha256 !== planSha256) return 'it is about another plan'
  if (Date.parse(wish.expires) < now) return `it expired at ${wish.expires}`
  const { size, sha256 } = wish.head
  if (hashes[size - 1] !== sha256) return 'it was signed for another journal'
  if (events.slice(size).some(({ type }) => !still.has(type)))
    return 'the run has moved on since it was signed'
  return timeDoubt(wish, now) ?? signatureDoubt(teamNamespaces.order, wish, act, check)
}

/** Events that come while a run gives way to the one who signed. */
const still: ReadonlySet<string> = new Set(['run-paused', 'answer-refused'])

/** Reads and judges an answer of the topics `resume` and `rollback`. */
export function believed(answer: JsonObject, topic: string, now: Now): Outcome<Continuation> {
  const { statement, signature } = answer
  if (typeof statement !== 'string' || typeof signature !== 'string') return failure('it is not signed')
  const read = readContinuation(statement)
  if (!read.ok) return read
  const doubt =
    read.value.act === topic
      ? continuationDoubt(read.value, { statement, signature }, now)
      : `it was signed to ${read.value.act}`
  return doubt === undefined ? read : failure(doubt)
}
