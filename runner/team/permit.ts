import { setTimeout as sleep } from 'node:timers/promises'
import { Cancelled } from '../engine/loop/durable.ts'
import { countFrom } from './clock.ts'
import type { Ships, TeamPort } from './port.ts'
import { Away, Unready } from './refusals.ts'

/** How long a permission holds in the database, in milliseconds. */
const heldMs = 10_000
/** How long after it was asked for the effect may begin: what passes between the look at the clock and the start is left. */
const usedMs = 9000
/** Time between two tries while the database is away, in milliseconds. */
const againMs = 500

interface Fence {
  port: Pick<TeamPort, 'permit'>
  run: string
  epoch: number
  ships: Ships
  /** Resolves once every line so far is stored. */
  stored(): Promise<void>
  cancelled: AbortSignal
}

/**
 * Asks whether the next effect may begin here. `strict`: once all lines are stored, and only with a permission. `later`:
 * with a permission, or while the database is away. Throws Lost when the run belongs to another machine, under both.
 */
export async function permit({ port, run, epoch, ships, stored, cancelled }: Fence): Promise<void> {
  for (;;) {
    if (cancelled.aborted) throw new Cancelled('The run was stopped before the step began')
    const passed = countFrom()
    try {
      if (ships === 'strict') await stored()
      const asked = countFrom()
      await port.permit(run, epoch, heldMs)
      // A machine that slept in between asks again.
      if (asked() < usedMs && passed() < usedMs * 10) return
    } catch (error) {
      // Only an outage lets a step go on: a refusal is never one.
      if (error instanceof Away && ships === 'later') return
      if (!(error instanceof Away || error instanceof Unready)) throw error
      await sleep(againMs)
    }
  }
}
