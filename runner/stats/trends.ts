import type { Incident } from '../status/incident-file.ts'
import { countedRun, DAY_MS, figures, isDrill } from './run-stats.ts'
import type { Figure, StatsOptions, ToldRun } from './run-stats.ts'

/** A figure over time. */
export interface Trend {
  name: string
  /** One for each part of the days, the oldest first; the days are dates such as `2026-11-21`. */
  parts: { from: string; to: string; figure: Figure }[]
}

/** Parts that the days are cut into. */
const partCount = 6

/**
 * Each figure of real work for every part of the days. One with nothing to count in any of them is left out.
 * @returns Trends in the order of the figures.
 */
export function trends(
  runs: readonly ToldRun[],
  incidents: readonly Incident[],
  { now, days }: StatsOptions,
): Trend[] {
  const work = runs.map(countedRun).filter((run) => !isDrill(run))
  const span = (days / partCount) * DAY_MS
  const parts = Array.from({ length: partCount }, (_, at) => now - (partCount - 1 - at) * span).flatMap(
    (end) => {
      const isBefore = ({ startedAt }: { startedAt: string }): boolean => Date.parse(startedAt) < end
      const part = { from: dayOf(end - span), to: dayOf(end) }
      const options = { now: end, days: days / partCount }
      return figures(work.filter(isBefore), incidents.filter(isBefore), options).map((figure) => ({
        ...part,
        figure,
      }))
    },
  )
  return [...Map.groupBy(parts, ({ figure: { name } }) => name)]
    .map(([name, own]) => ({ name, parts: own }))
    .filter(({ parts: own }) => own.some(({ figure: { of } }) => of > 0))
}

function dayOf(time: number): string {
  return new Date(time).toISOString().slice(0, 10)
}
