import { uptime } from 'node:os'
import type { Clock } from '../kinds/kind.ts'
import { Cancelled } from './durable.ts'

/** Longest time a timer of the platform is trusted with, in milliseconds: a machine that was asleep is noticed then. */
const longestMs = 30_000

/**
 * Waits until a moment of the wall clock. How long that is is decided once, at the beginning: a clock that is set
 * afterwards neither cuts the wait short nor makes it longer. Time the machine spends asleep counts.
 */
export async function sleepUntil(
  at: number,
  { now, cancelled }: { now: () => number; cancelled: AbortSignal },
): Promise<void> {
  const elapsed = stopwatch()
  const total = at - now()
  for (let left = total; left > 0; left = total - elapsed()) {
    if (cancelled.aborted) throw new Cancelled('The run was stopped while it waited')
    await pause(Math.min(left, longestMs), cancelled)
  }
}

/** Milliseconds since now by the steadiest clock there is; the system's uptime goes on while it sleeps. */
function stopwatch(): () => number {
  const began = { steady: performance.now(), uptime: uptime() * 1000 }
  return () => {
    const steady = performance.now() - began.steady
    const awake = uptime() * 1000 - began.uptime
    // Uptime is coarse, and on some systems moves with the wall clock by a little.
    return awake - steady > 2000 ? awake : steady
  }
}

/** The machine's clocks. A sleep ends early when the signal is aborted, without an error. */
export function systemClock(signal: AbortSignal, now: () => number = Date.now): Clock {
  return {
    monotonic: () => performance.now(),
    wall: now,
    async sleep(ms) {
      const end = performance.now() + ms
      for (let left = ms; left > 0 && !signal.aborted; left = end - performance.now())
        await pause(Math.min(left, longestMs), signal)
    },
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, ms)
    signal.addEventListener('abort', end, { once: true })
  })
}
