import type { Clock } from '../kinds/kind.ts'

/** Longest time a timer of the platform is trusted with, in milliseconds. */
const longestMs = 60_000

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
