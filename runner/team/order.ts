import { randomUUID } from 'node:crypto'
import * as z from 'zod'
import type { Signer } from '../engine/sign/signing-key.ts'
import type { CheckSignature } from '../journal/verify/rules/signatures.ts'
import { canonical } from '../journal/record/canonical.ts'
import { failure, success } from '../model/problem.ts'
import type { Outcome } from '../model/problem.ts'
import type { JsonObject } from '../model/values/json.ts'
import type { Order, SignedAct, SignedOrder, Takeover } from './port.ts'

/** Purposes of signatures in team mode: one for an order counts for that alone. */
export const teamNamespaces = { order: 'runbook-order', takeover: 'runbook-takeover' } as const

/** How far the clocks of two machines may differ, in milliseconds. */
const slackMs = 120_000

export const textShape = z.string().max(65_536)
export const idShape = z.string().regex(/^\d{8}-\d{6}-[\w-]{1,100}-[2-9a-z]{4}$/)
export const sha256Shape = z.string().regex(/^[0-9a-f]{64}$/)
export const actorShape = z.strictObject({
  id: textShape,
  host: textShape,
  via: textShape,
  client: textShape.optional(),
})

// A field that this version does not know may say something that must be obeyed.
const orderShape = z.strictObject({
  v: z.literal(1),
  run: idShape,
  slug: textShape,
  documentSha256: sha256Shape,
  includes: z.record(textShape, sha256Shape),
  inputs: z.record(textShape, textShape),
  key: textShape,
  wants: textShape,
  notBefore: textShape,
  expires: z.iso.datetime(),
  at: z.iso.datetime(),
  nonce: z.uuid(),
  by: actorShape,
  from: textShape,
  practice: z.boolean(),
  alert: z.strictObject({
    fingerprint: textShape.optional(),
    name: textShape.optional(),
    startsAt: textShape.optional(),
  }),
  schedule: z.strictObject({ name: textShape, moment: z.iso.datetime(), sha256: sha256Shape }).optional(),
  fleet: z.strictObject({ id: textShape, target: textShape, wave: z.int().min(1) }).optional(),
})

const takeoverShape = z.strictObject({
  v: z.literal(1),
  run: textShape,
  epoch: z.int().min(0),
  was: textShape,
  runner: textShape,
  force: z.boolean(),
  reason: textShape,
  by: actorShape,
  at: z.iso.datetime(),
})

/** An order with the fields that are the same for each. */
export function makeOrder(wish: Omit<Order, 'v' | 'at' | 'nonce'>): Order {
  return { ...wish, v: 1, at: new Date().toISOString(), nonce: randomUUID() } as Order
}

/** The text of an order, a takeover or a decision that is signed. */
export function statementOf(value: JsonObject): string {
  return `${canonical(value)}\n`
}

/** Without a signer the signature is empty, which no runner believes. */
export function signOrder(order: Order, signer: Signer | undefined): SignedOrder {
  const statement = statementOf(order)
  return { order, statement, signature: signer?.sign(teamNamespaces.order, statement) ?? '' }
}

export function signTakeover(takeover: Takeover, signer: Signer | undefined): SignedAct {
  const statement = statementOf(takeover)
  return { statement, signature: signer?.sign(teamNamespaces.takeover, statement) ?? '' }
}

export function readOrder(statement: string): Outcome<Order> {
  return readStatement<Order>(statement, orderShape, 'order')
}

export function readTakeover(statement: string): Outcome<Takeover> {
  return readStatement<Takeover>(statement, takeoverShape, 'takeover')
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
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    return failure(
      `the ${what} has an unexpected field: ${[...(issue?.path ?? []), issue?.message].join(': ')}`,
    )
  }
  if (statementOf(value as JsonObject) !== statement)
    return failure(`the ${what} is not in its canonical form`)
  return success(value as T)
}

export interface Believing {
  /** The name of this runner. */
  runner: string
  /** Globs of runbooks that it takes orders for. */
  accepts: readonly string[]
  /** Undefined where the workspace has no list of keys. */
  check: CheckSignature | undefined
  /** Milliseconds since the epoch. */
  now: number
}

/** Why an order does not count here; undefined when it does. The database only carries it: all is judged again. */
export function orderDoubt(order: Order, act: SignedAct, believing: Believing): string | undefined {
  return termsDoubt(order, believing) ?? signatureDoubt(teamNamespaces.order, order, act, believing.check)
}

/** Why this runner does not take an order at this time, whoever signed it; undefined when it does. */
export function termsDoubt(
  order: Order,
  { runner, accepts, now }: Omit<Believing, 'check'>,
): string | undefined {
  if (order.wants !== '' && order.wants !== runner) return `it is for the runner ${order.wants}`
  if (!accepts.some((glob) => matchesGlob(glob, order.slug)))
    return `this runner takes no orders for ${order.slug}`
  if (Date.parse(order.expires) < now) return `it expired at ${order.expires}`
  if (Date.parse(order.at) > now + slackMs) return `it was made at ${order.at}, which is later than now`
  return undefined
}

/** Why a takeover does not count; undefined when it does. */
export function takeoverDoubt(
  takeover: Takeover,
  act: SignedAct,
  { run, epoch, runner, check }: { run: string; epoch: number } & Pick<Believing, 'runner' | 'check'>,
): string | undefined {
  if (takeover.run !== run || takeover.epoch !== epoch - 1 || takeover.runner !== runner)
    return 'it is about another takeover'
  return signatureDoubt(teamNamespaces.takeover, takeover, act, check)
}

/** Why a statement is not one of the person it names; undefined when it is. */
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

/** Whether a text has the form of a glob, in which `*` stands for any text. @internal */
export function matchesGlob(glob: string, slug: string): boolean {
  return new RegExp(`^${glob.split('*').map(RegExp.escape).join('.*')}$`).test(slug)
}

/** The same glob for `like` of SQL. */
export function asLike(glob: string): string {
  return glob.replaceAll(/[\\%_]/g, (one) => `\\${one}`).replaceAll('*', '%')
}
