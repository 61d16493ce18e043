import { setTimeout as sleep } from 'node:timers/promises'
import type { Pace } from '../adapters/polite.ts'

const MONOTONIC: Pace = { now: () => performance.now(), sleep: (ms) => sleep(ms) }

/**
 * Asks again until there is an answer or the time is over.
 * @param ask returns undefined while there is no answer yet; what it throws ends the wait
 * @param limitMs milliseconds until the wait ends without an answer
 * @param intervalMs milliseconds between two questions; default 50
 * @returns the answer, or undefined when the time was over
 */
export async function waitFor<T>(
  ask: () => Promise<T | undefined> | T | undefined,
  limitMs: number,
  intervalMs = 50,
  pace: Pace = MONOTONIC,
): Promise<T | undefined> {
  const end = pace.now() + limitMs
  for (;;) {
    const answer = await ask()
    if (answer !== undefined) return answer
    if (pace.now() >= end) return undefined
    await pace.sleep(intervalMs)
  }
}
