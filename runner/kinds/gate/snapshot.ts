import { compareText } from '../../model/compare-text.ts'
/** One series as it was read. */
export interface Series {
  /** Target, name and labels in one text: the same for the same series, always. */
  key: string
  /** The address of the scrape; empty when unknown. */
  target: string
  name: string
  labels: Readonly<Record<string, string>>
  value: number
}

/** Everything a gate's metrics name, as it was at one moment. */
export interface Snapshot {
  /** When it was read, in milliseconds since the epoch, by the source's clock. */
  at: number
  /** Every target that answered, with the time its process started (seconds since the epoch) where it says so. */
  targets: Map<string, number | undefined>
  series: Series[]
  /** Series whose newest sample is too old to speak for now, with its age in milliseconds. */
  stale: (Series & { ageMs: number })[]
}

export function seriesKey(target: string, name: string, labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).toSorted(([a], [b]) => compareText(a, b))
  return JSON.stringify([target, name, pairs])
}

interface Delta {
  /** From when to when it counts, in milliseconds since the watch began. */
  from: number
  at: number
  increases: Map<string, number>
}

/** The increases of counters since the watch began. */
export interface History {
  previous: Snapshot
  /** When `previous` was read, in milliseconds since the watch began. */
  previousAt: number
  seenTargets: Set<string>
  last: Map<string, Series>
  /** One for each snapshot after the first, oldest first, as far back as the range reaches. */
  deltas: Delta[]
  /** Sum of all increases since the watch began. */
  total: Map<string, number>
}

export function beginHistory(first: Snapshot, at: number): History {
  return {
    previous: first,
    previousAt: at,
    seenTargets: new Set(first.targets.keys()),
    last: new Map(first.series.map((series) => [series.key, series])),
    deltas: [],
    total: new Map(),
  }
}

/** Forgets what was counted so far, and goes on from the last snapshot. */
export function restartHistory(history: History): History {
  return { ...history, deltas: [], total: new Map() }
}

/** Adds the next snapshot, `at` milliseconds after the watch began; keeps `rangeMs` of increases. */
export function advance(history: History, next: Snapshot, at: number, rangeMs: number): History {
  const increases = new Map<string, number>()
  const total = new Map(history.total)
  const last = new Map(history.last)
  for (const series of next.series) {
    const increase = increaseOf(series, history, next)
    if (!Number.isNaN(series.value)) last.set(series.key, series)
    increases.set(series.key, increase)
    total.set(series.key, (total.get(series.key) ?? 0) + increase)
  }
  return {
    previous: next,
    previousAt: at,
    seenTargets: new Set([...history.seenTargets, ...next.targets.keys()]),
    last,
    deltas: [
      ...history.deltas.filter((delta) => delta.at > at - rangeMs),
      { from: history.previousAt, at, increases },
    ],
    total,
  }
}

/**
 * A drop is a reset: what it counts now came after it. A series that appears on a target seen before was born at
 * zero. On a new target that is so only if its process is younger than the last look; otherwise an old process
 * that was found again would look like a spike.
 */
function increaseOf(series: Series, { last, seenTargets, previous }: History, next: Snapshot): number {
  // A counter below zero is none: what it would take away must not hide what others counted.
  if (series.value < 0) return Number.NaN
  const before = last.get(series.key)
  if (before) return series.value >= before.value ? series.value - before.value : series.value
  if (seenTargets.has(series.target)) return series.value
  const startedAt = next.targets.get(series.target)
  return startedAt !== undefined && startedAt * 1000 > previous.at ? series.value : 0
}

/** How much the counters of these series grew within the range. */
export function increased(history: History, keys: Iterable<string>): number {
  let sum = 0
  for (const key of keys) for (const { increases } of history.deltas) sum += increases.get(key) ?? 0
  return sum
}

/** How much they grew since the watch began. */
export function increasedInAll(history: History, keys: Iterable<string>): number {
  let sum = 0
  for (const key of keys) sum += history.total.get(key) ?? 0
  return sum
}
