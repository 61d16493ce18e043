import { randomUUID } from 'node:crypto'
import * as z from 'zod'
import type { Signer } from '../engine/sign/signing-key.ts'
import type { CheckSignature } from '../journal/verify/rules/signatures.ts'
import type { Outcome } from '../model/problem.ts'
import type { Order, SignedAct, SignedOrder, Takeover } from './port.ts'
import {
  actor,
  digest,
  onPage,
  readStatement,
  runId,
  signatureDoubt,
  statementOf,
  teamNamespaces,
  text,
  timeDoubt,
} from './statement.ts'

// A field that this version does not know may say something that must be obeyed.
const orderShape = z.strictObject({
  v: z.literal(1),
  run: runId,
  slug: text,
  documentSha256: digest,
  includes: z.record(text, digest),
  planSha256: digest.optional(),
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
  schedule: z.strictObject({ name: text, moment: z.iso.datetime(), sha256: digest }).optional(),
  ...onPage,
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
  ...onPage,
})

/** An order with the fields that are the same for each. */
export function makeOrder(wish: Omit<Order, 'v' | 'at' | 'nonce'>): Order {
  return { ...wish, v: 1, at: new Date().toISOString(), nonce: randomUUID() } as Order
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
  return timeDoubt(order, now) ?? signatureDoubt(teamNamespaces.order, order, { statement, signature }, check)
}

/** Why a takeover does not count; undefined when it does. */
export function takeoverDoubt(
  takeover: Takeover,
  act: SignedAct,
  { run, epoch, runner, check }: { run: string; epoch: number } & Pick<Believing, 'runner' | 'check'>,
): string | undefined {
  if (takeover.run !== run || takeover.epoch !== epoch - 1 || takeover.runner !== runner)
    return 'it is about another takeover'
  return timeDoubt(takeover, Date.now()) ?? signatureDoubt(teamNamespaces.takeover, takeover, act, check)
}

/** Whether a text has the form of a glob, in which `*` stands for any text. @internal */
export function matchesGlob(glob: string, slug: string): boolean {
  return new RegExp(`^${glob.split('*').map(RegExp.escape).join('.*')}$`).test(slug)
}

/** The same glob for `like` of SQL. */
export function asLike(glob: string): string {
  return glob.replaceAll(/[\\%_]/g, (one) => `\\${one}`).replaceAll('*', '%')
}
