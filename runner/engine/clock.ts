import { uptime } from 'node:os'
import { Cancelled } from './durable.ts'

/** Longest single timer in milliseconds: a machine that was asleep is noticed within this time. */
const lookMs = 30_000

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
    await new Promise<void>((resolve) => {
      const timer = setTimeout(end, Math.min(left, lookMs))
      function end(): void {
        clearTimeout(timer)
        cancelled.removeEventListener('abort', end)
        resolve()
      }
      cancelled.addEventListener('abort', end, { once: true })
    })
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
