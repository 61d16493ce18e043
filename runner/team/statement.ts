import * as z from 'zod'
import type { Signer } from '../engine/sign/signing-key.ts'
import { canonical } from '../journal/record/canonical.ts'
import type { CheckSignature } from '../journal/verify/rules/signatures.ts'
import { failure, success } from '../model/problem.ts'
import type { Outcome } from '../model/problem.ts'
import type { JsonObject } from '../model/values/json.ts'
import type { SignedAct } from './port.ts'
import { firstIssue } from '../model/first-issue.ts'

/** Purposes of signatures in team mode: one for an order counts for that alone. */
export const teamNamespaces = { order: 'runbook-order', takeover: 'runbook-takeover' } as const

/** How far the clocks of two machines may differ, in milliseconds. */
const slackMs = 120_000
/** How long a page may wait for the signature of a statement that it shows, in milliseconds. */
const pageMs = 60 * 60_000

export const textShape = z.string().max(65_536)
export const sha256Shape = z.string().regex(/^[0-9a-f]{64}$/)
export const idShape = z.string().regex(/^\d{8}-\d{6}-[\w-]{1,100}-[2-9a-z]{4}$/)
export const actorShape = z.strictObject({
  id: textShape,
  host: textShape,
  via: textShape,
  client: textShape.optional(),
})

/** Members of an order and of an order over targets: which document is run, by whom it is wanted, and when. */
export const termsShape = {
  v: z.literal(1),
  slug: textShape,
  documentSha256: sha256Shape,
  includes: z.record(textShape, sha256Shape),
  wants: textShape,
  notBefore: textShape,
  expires: z.iso.datetime(),
  at: z.iso.datetime(),
  nonce: z.uuid(),
  by: actorShape,
  from: textShape,
  practice: z.boolean(),
}

/** Members of a statement that a page had signed: the digest of the text it showed, and when, RFC 3339. */
export const onPage = { shownSha256: sha256Shape.optional(), ts: z.iso.datetime().optional() }

/** The text that is signed. */
export function statementOf(value: JsonObject): string {
  return `${canonical(value)}\n`
}

/** A value with the signature of its text. Without a signer the signature is empty, which no runner believes. */
export function signStatement(namespace: string, value: JsonObject, signer: Signer | undefined): SignedAct {
  const statement = statementOf(value)
  return { statement, signature: signer?.sign(namespace, statement) ?? '' }
}

/** Only the canonical form of known fields is read: two readers of one statement see one meaning. */
export function readStatement<T>(statement: string, shape: z.ZodType, what: string): Outcome<T> {
  let value: unknown
  try {
    value = JSON.parse(statement)
  } catch {
    return failure(`the ${what} is not JSON`)
  }
  const parsed = shape.safeParse(value)
  if (!parsed.success) return failure(`the ${what} has an unexpected field: ${firstIssue(parsed.error)}`)
  if (statementOf(value as JsonObject) !== statement)
    return failure(`the ${what} is not in its canonical form`)
  return success(value as T)
}

/** Why the times of a statement do not count; undefined when they do. `now` is in milliseconds since the epoch. */
export function timeDoubt({ at, ts }: { at: string; ts?: string }, now: number): string | undefined {
  const made = Date.parse(at)
  if (made > now + slackMs) return `it was made at ${at}, which is later than now`
  if (ts === undefined) return undefined
  const signed = Date.parse(ts)
  return signed < made - slackMs || signed > made + pageMs + slackMs || signed > now + slackMs
    ? `it was made at ${at} and signed at ${ts}`
    : undefined
}

export function signatureDoubt(
  namespace: string,
  { by, at }: { by: { id: string }; at: string },
  { statement, signature }: SignedAct,
  check: CheckSignature | undefined,
): string | undefined {
  if (check === undefined) return 'this checkout has no list of keys, so no signature can be checked'
  if (signature === '') return `it is not signed by ${by.id}`
  const problem = check({ principal: by.id, namespace, message: statement, signature, at })
  return problem === undefined ? undefined : `the signature of ${by.id} does not hold: ${problem}`
}
