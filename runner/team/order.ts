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

const text = z.string().max(65_536)
const actor = z.strictObject({ id: text, host: text, via: text, client: text.optional() })

// A field that this version does not know may say something that must be obeyed.
const orderShape = z.strictObject({
  v: z.literal(1),
  run: z.string().regex(/^\d{8}-\d{6}-[\w-]{1,100}-[2-9a-z]{4}$/),
  slug: text,
  documentSha256: z.string().regex(/^[0-9a-f]{64}$/),
  includes: z.record(text, z.string().regex(/^[0-9a-f]{64}$/)),
  inputs: z.record(text, text),
  key: text,
  wants: text,
  notBefore: text,
  expires: z.iso.datetime(),
  at: z.iso.datetime(),
  nonce: z.uuid(),
  by: actor,
  from: text,
  practice: z.boolean(),
  alert: z.strictObject({
    fingerprint: text.optional(),
    name: text.optional(),
    startsAt: text.optional(),
  }),
  schedule: z
    .strictObject({ name: text, moment: z.iso.datetime(), sha256: z.string().regex(/^[0-9a-f]{64}$/) })
    .optional(),
})

const takeoverShape = z.strictObject({
  v: z.literal(1),
  run: text,
  epoch: z.int().min(0),
  was: text,
  runner: text,
  force: z.boolean(),
  reason: text,
  by: actor,
  at: z.iso.datetime(),
})

/** An order with the fields that are the same for each. */
export function makeOrder(wish: Omit<Order, 'v' | 'at' | 'nonce'>): Order {
  return { ...wish, v: 1, at: new Date().toISOString(), nonce: randomUUID() } as Order
}

/** The text of an order or a takeover that is signed. @internal */
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
  return read<Order>(statement, orderShape, 'order')
}

export function readTakeover(statement: string): Outcome<Takeover> {
  return read<Takeover>(statement, takeoverShape, 'takeover')
}

/** Only the canonical form of known fields is read: two readers of one statement see one meaning. */
function read<T>(statement: string, shape: z.ZodType, what: string): Outcome<T> {
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
export function orderDoubt(
  order: Order,
  { statement, signature }: SignedAct,
  { runner, accepts, check, now }: Believing,
): string | undefined {
  if (order.wants !== '' && order.wants !== runner) return `it is for the runner ${order.wants}`
  if (!accepts.some((glob) => matchesGlob(glob, order.slug)))
    return `this runner takes no orders for ${order.slug}`
  if (Date.parse(order.expires) < now) return `it expired at ${order.expires}`
  if (Date.parse(order.at) > now + slackMs) return `it was made at ${order.at}, which is later than now`
  return signatureDoubt(teamNamespaces.order, order, { statement, signature }, check)
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

function signatureDoubt(
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
