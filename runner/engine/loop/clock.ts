import { uptime } from 'node:os'
import type { Clock } from '../../kinds/kind.ts'
import { Cancelled } from './durable.ts'
import { monotonicMs } from '../process/timer.ts'

/** Longest time a timer of the platform is trusted with, in milliseconds: a machine that was asleep is noticed then. */
const longestMs = 30_000

/** Waits until a moment of a clock that never jumps. */
export async function sleepUntil(
  at: number,
  { now, cancelled }: { now: () => number; cancelled: AbortSignal },
): Promise<void> {
  for (let left = at - now(); left > 0; left = at - now()) {
    if (cancelled.aborted) throw new Cancelled('The run was stopped while it waited')
    await pause(Math.min(left, longestMs), cancelled)
  }
}

/**
 * Time since the epoch as the wall clock has it now, and from then on by the steadiest clock there is: a wall clock
 * that is set in the meantime neither cuts a wait short nor makes it longer. Time the machine sleeps counts.
 */
export function steadyClock(): () => number {
  const began = { wall: Date.now(), steady: monotonicMs(), uptime: uptime() * 1000 }
  return () => {
    const steady = monotonicMs() - began.steady
    const withSleep = uptime() * 1000 - began.uptime
    // Uptime is coarse, and on some systems moves a little with the wall clock.
    return Math.round(began.wall + (withSleep - steady > 2000 ? withSleep : steady))
  }
}

/** The machine's clocks. A sleep ends early when the signal is aborted, without an error. */
export function systemClock(signal: AbortSignal): Clock {
  return {
    monotonic: monotonicMs,
    wall: Date.now,
    async sleep(ms) {
      const end = monotonicMs() + ms
      for (let left = ms; left > 0 && !signal.aborted; left = end - monotonicMs())
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
