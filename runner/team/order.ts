import { randomUUID } from 'node:crypto'
import * as z from 'zod'
import type { Signer } from '../engine/sign/signing-key.ts'
import type { CheckSignature } from '../journal/verify/rules/signatures.ts'
import type { Outcome } from '../model/problem.ts'
import type { Order, SignedAct, SignedOrder, Takeover, TeamRun } from './port.ts'
import {
  actorShape,
  sha256Shape,
  onPage,
  readStatement,
  idShape,
  signatureDoubt,
  signStatement,
  teamNamespaces,
  termsShape,
  textShape,
  timeDoubt,
} from './statement.ts'

// A field that this version does not know may say something that must be obeyed.
const orderShape = z.strictObject({
  ...termsShape,
  run: idShape,
  planSha256: sha256Shape.optional(),
  inputs: z.record(textShape, textShape),
  key: textShape,
  alert: z.strictObject({
    fingerprint: textShape.optional(),
    name: textShape.optional(),
    startsAt: textShape.optional(),
  }),
  schedule: z.strictObject({ name: textShape, moment: z.iso.datetime(), sha256: sha256Shape }).optional(),
  fleet: z.strictObject({ id: textShape, target: textShape, wave: z.int().min(1) }).optional(),
  ...onPage,
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
  ...onPage,
})

/** An order with the fields that are the same for each. */
export function makeOrder(wish: Omit<Order, 'v' | 'at' | 'nonce'>): Order {
  return { ...wish, v: 1, at: new Date().toISOString(), nonce: randomUUID() } as Order
}

/** A takeover of a run at its epoch with the fields that are the same for each. */
export function makeTakeover(
  { run, epoch, runner: was }: Pick<TeamRun, 'run' | 'epoch' | 'runner'>,
  wish: Pick<Takeover, 'runner' | 'force' | 'reason' | 'by'>,
): Takeover {
  return { ...wish, v: 1, run, epoch, was: was ?? '', at: new Date().toISOString() }
}

export function signOrder(order: Order, signer: Signer | undefined): SignedOrder {
  return { order, ...signStatement(teamNamespaces.order, order, signer) }
}

export function signTakeover(takeover: Takeover, signer: Signer | undefined): SignedAct {
  return signStatement(teamNamespaces.takeover, takeover, signer)
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
  return timeDoubt(order, now)
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
