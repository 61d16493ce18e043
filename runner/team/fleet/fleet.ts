import { randomUUID } from 'node:crypto'
import * as z from 'zod'
import type { Signer } from '../../engine/sign/signing-key.ts'
import type { Outcome } from '../../model/problem.ts'
import { actorShape, idShape, readStatement, signStatement, termsShape, textShape } from '../statement.ts'
import type { Fleet, FleetAct, Order, SignedAct, SignedFleet } from '../port.ts'

/** Purposes of the signatures of orders over many targets. */
export const fleetNamespaces = { fleet: 'runbook-fleet', act: 'runbook-fleet-act' } as const

/** Most targets of one order. */
export const mostTargets = 10_000

const count = z.int().min(0).max(1_000_000_000)

const fleetShape = z.strictObject({
  ...termsShape,
  fleet: z.string().regex(/^fleet-\d{8}-\d{6}-[\w-]{1,100}-[2-9a-z]{4}$/),
  targets: z
    .array(
      z.strictObject({
        name: textShape,
        run: idShape,
        key: textShape,
        inputs: z.record(textShape, textShape),
      }),
    )
    .min(1)
    .max(mostTargets),
  waves: z.array(count.min(1)).min(1),
  budget: count.min(1),
  parallel: count,
  pause: count,
  approvers: z.array(textShape),
})

const actShape = z.strictObject({
  v: z.literal(1),
  fleet: textShape,
  act: z.enum(['approve', 'stop', 'resume', 'undo']),
  wave: count,
  failed: count,
  runs: z.array(textShape).max(mostTargets),
  reason: textShape,
  by: actorShape,
  at: z.iso.datetime(),
  nonce: z.uuid(),
})

/** An order over targets with the fields that are the same for each. */
export function makeFleet(wish: Omit<Fleet, 'v' | 'at' | 'nonce'>): Fleet {
  return { ...wish, v: 1, at: new Date().toISOString(), nonce: randomUUID() } as Fleet
}

export function makeFleetAct(
  wish: Pick<FleetAct, 'fleet' | 'act' | 'reason' | 'by'> &
    Partial<Pick<FleetAct, 'wave' | 'failed' | 'runs'>>,
): FleetAct {
  const nothing = { wave: 0, failed: 0, runs: [] }
  return { ...nothing, ...wish, v: 1, at: new Date().toISOString(), nonce: randomUUID() }
}

export function signFleet(fleet: Fleet, signer: Signer | undefined): SignedFleet {
  return { fleet, ...signStatement(fleetNamespaces.fleet, fleet, signer) }
}

export function signFleetAct(act: FleetAct, signer: Signer | undefined): SignedAct {
  return signStatement(fleetNamespaces.act, act, signer)
}

export function readFleet(statement: string): Outcome<Fleet> {
  return readStatement<Fleet>(statement, fleetShape, 'order over targets')
}

export function readFleetAct(statement: string): Outcome<FleetAct> {
  return readStatement<FleetAct>(statement, actShape, 'decision')
}

/** The wave of a target by its place, both from 1. */
export function waveOf({ waves }: Pick<Fleet, 'waves'>, place: number): number {
  let reached = 0
  const at = waves.findIndex((size) => (reached += size) >= place)
  return at < 0 ? waves.length : at + 1
}

/** The order of the target at a place from 1: the same for whoever reads the signed list. */
export function orderOfTarget(fleet: Fleet, place: number): Order {
  const { slug, documentSha256, includes, wants, notBefore, expires, at, nonce, by, from, practice } = fleet
  const target = fleet.targets[place - 1]
  if (target === undefined) throw new RangeError(`There is no target ${place}`)
  const { run, key, inputs, name } = target
  return {
    v: 1,
    run,
    slug,
    documentSha256,
    includes,
    inputs,
    key,
    wants,
    notBefore,
    expires,
    at,
    nonce,
    by,
    from,
    practice,
    alert: {},
    fleet: { id: fleet.fleet, target: name, wave: waveOf(fleet, place) },
  }
}
