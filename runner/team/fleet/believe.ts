import { mayDecide } from '../../journal/verify/evidence.ts'
import type { CheckSignature } from '../../journal/verify/rules/signatures.ts'
import { samePerson } from '../../model/people/person.ts'
import { problemOf } from '../../model/problem.ts'
import type { People } from '../../people.ts'
import { placeDoubt } from '../page-signature.ts'
import { signatureDoubt, statementOf } from '../statement.ts'
import type { Fleet, FleetAct, Order, SignedAct, TargetRun, TeamFleet } from '../port.ts'
import { fleetNamespaces, orderOfTarget, readFleet, readFleetAct } from './fleet.ts'
import { standing } from './standing.ts'
import type { Standing } from './standing.ts'

/** Whose word counts here. */
export interface Judge {
  /** Undefined where the workspace has no list of keys. */
  check: CheckSignature | undefined
  people: People | undefined
}

/** Why an order over targets is not one of the person it names; undefined when it is. */
function fleetDoubt(fleet: Fleet, signed: SignedAct, { check }: Judge): string | undefined {
  const reached = fleet.waves.reduce((sum, size) => sum + size, 0)
  if (reached !== fleet.targets.length) return `its waves reach ${reached} of ${fleet.targets.length} targets`
  if (new Set(fleet.targets.map(({ run }) => run)).size < reached) return 'two of its targets have one run'
  return placeDoubt(signed.signature) ?? signatureDoubt(fleetNamespaces.fleet, fleet, signed, check)
}

/** Why a decision about an order over targets does not count; undefined when it does. */
export function actDoubt(fleet: Fleet, act: FleetAct, signed: SignedAct, judge: Judge): string | undefined {
  if (act.fleet !== fleet.fleet) return 'it is about another order'
  const { aliases = {}, holders = {}, services = [] } = judge.people ?? {}
  if (services.some((service) => samePerson(service, act.by.id, aliases)))
    return `${act.by.id} is a service, which never decides`
  if (act.act === 'approve') {
    if (samePerson(act.by.id, fleet.by.id, aliases))
      return `${act.by.id} ordered it, and nobody approves their own order`
    if (fleet.approvers.length === 0) return 'no wave of it needs an approval'
    if (!mayDecide(fleet.approvers, act.by.id, { aliases, holders }))
      return `${act.by.id} is not among ${fleet.approvers.join(', ')}`
  }
  return placeDoubt(signed.signature) ?? signatureDoubt(fleetNamespaces.act, act, signed, judge.check)
}

/** The decisions that count, in their order, and why each other one does not. */
function judgedActs(
  fleet: Fleet,
  signed: readonly SignedAct[],
  judge: Judge,
): { acts: FleetAct[]; refused: string[] } {
  const acts: FleetAct[] = []
  const refused: string[] = []
  for (const one of signed) {
    const act = readFleetAct(one.statement)
    const doubt = act.ok ? actDoubt(fleet, act.value, one, judge) : act.problem.message
    if (act.ok && doubt === undefined) acts.push(act.value)
    else
      refused.push(
        `${act.ok ? act.value.act : 'a decision'} of ${act.ok ? act.value.by.id : 'unknown'}: ${doubt}`,
      )
  }
  return { acts, refused }
}

/** An order over many targets as a workspace reads it. */
export interface ReadFleet {
  fleet: Fleet
  /** The decisions that count. */
  acts: FleetAct[]
  /** The decisions that do not, and why: the database may heed them, and no runner does. */
  refused: string[]
  standing: Standing
  /** Its runs, as the database has them. */
  runs: readonly TargetRun[]
  /** Why it is not an order of the person it names; undefined when it is. */
  doubt: string | undefined
}

/** How a stored order stands, by the decisions that count here. Undefined where its list cannot be read. */
export function readStored(stored: TeamFleet, judge: Judge): ReadFleet | undefined {
  const read = readFleet(stored.statement)
  if (!read.ok) return undefined
  const fleet = read.value
  const { acts, refused } = judgedActs(fleet, stored.acts, judge)
  const now = standing(fleet, stored.runs, acts, stored.now.getTime())
  return { fleet, acts, refused, standing: now, runs: stored.runs, doubt: fleetDoubt(fleet, stored, judge) }
}

/**
 * Why the order of a target is not a part of the signed list; undefined when it is. The database only carries both: each
 * byte of the order follows from the list.
 */
export function originDoubt(
  order: Order,
  statement: string,
  stored: TeamFleet | undefined,
  judge: Judge,
): string | undefined {
  if (stored === undefined) return 'the order that it is a part of is not stored'
  const read = readFleet(stored.statement)
  if (!read.ok) return problemOf(read)
  const fleet = read.value
  const place = fleet.targets.findIndex(({ run }) => run === order.run) + 1
  if (place === 0 || statementOf(orderOfTarget(fleet, place)) !== statement)
    return `the list that ${fleet.by.id} signed does not contain it`
  return fleetDoubt(fleet, stored, judge)
}

/** Why a target may not start; undefined when it may. */
export function startDoubt(order: Order, stored: TeamFleet, judge: Judge): string | undefined {
  const read = readStored(stored, judge)
  const wave = order.fleet?.wave ?? 0
  if (read && wave > 0 && read.standing.opens >= wave) return undefined
  const { why = '', state = 'unknown' } = read?.standing ?? {}
  return `wave ${wave} of ${stored.fleet} may not start: it is ${state}${why === '' ? '' : `, ${why}`}`
}
