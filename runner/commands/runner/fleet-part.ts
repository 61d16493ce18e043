import { covers } from '../../team/fleet/standing.ts'
import { originDoubt, readStored, startDoubt } from '../../team/fleet/believe.ts'
import { termsDoubt } from '../../team/order.ts'
import type { Believing } from '../../team/order.ts'
import type { FleetAct, Order, TeamFleet } from '../../team/port.ts'
import { judgeOf } from '../shared/team/fleets.ts'
import type { Seat } from './seat.ts'

async function storedFleet({ port }: Seat, id: string): Promise<TeamFleet | undefined> {
  const [stored] = await port.fleets({ fleet: id })
  return stored
}

/** Why the order of a target does not count here, or may not start; undefined when it does. */
export async function targetDoubt(
  seat: Seat,
  order: Order,
  statement: string,
  believing: Believing,
): Promise<string | undefined> {
  const stored = await storedFleet(seat, order.fleet?.id ?? '')
  const judge = await judgeOf(seat.config, seat.io)
  return (
    termsDoubt(order, believing) ??
    originDoubt(order, statement, stored, judge) ??
    (stored && startDoubt(order, stored, judge))
  )
}

/** The decision that wants a run rolled back which has ended so; undefined when none does that counts here. */
export async function undoOf(seat: Seat, order: Order, status: string): Promise<FleetAct | undefined> {
  if (status === 'rolled-back' || status === 'rollback-failed') return undefined
  return decisionToUndo(seat, order.fleet?.id ?? '', order.run)
}

async function decisionToUndo(seat: Seat, fleet: string, run: string): Promise<FleetAct | undefined> {
  const stored = await storedFleet(seat, fleet)
  const read = stored && readStored(stored, await judgeOf(seat.config, seat.io))
  return read?.doubt === undefined ? read?.acts.findLast(covers(run)) : undefined
}

/** Makes runs that a decision wants rolled back this runner's own again, as many as there is room for. */
export async function reopenUndone(seat: Seat, room: number): Promise<void> {
  const except = [...seat.parked.keys()]
  for (let left = room; left > 0; left--) {
    const next = await seat.port.nextUndo(except)
    if (next === undefined) return
    except.push(next.run)
    if (await decisionToUndo(seat, next.fleet, next.run)) await seat.port.reopen(next.run)
    else {
      seat.parked.set(next.run, 0)
      seat.say(`${next.run}: the decision to undo ${next.fleet} does not count here`)
    }
  }
}
