import type { ReadableRun } from './recorded-runs.ts'

/** How long it usually takes: the median of the runs that succeeded, in milliseconds. */
export function typicalDuration(runs: readonly ReadableRun[]): number | undefined {
  const times = runs
    .filter(({ state }) => state.status === 'succeeded')
    .flatMap(({ story }) => story.head.ms ?? [])
    .toSorted((a, b) => a - b)
  return times[Math.floor(times.length / 2)]
}
