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
  const parts = Array.from({ length: partCount }, (_, at) => {
    const end = now - (partCount - 1 - at) * span
    const isBefore = ({ startedAt }: { startedAt: string }): boolean => Date.parse(startedAt) < end
    const options = { now: end, days: days / partCount }
    const own = figures(work.filter(isBefore), incidents.filter(isBefore), options)
    return { from: dayOf(end - span), to: dayOf(end), own }
  })
  // Some figures are there only where something was counted; an axis has every part.
  const counted = parts.flatMap(({ own }) => own).filter(({ of }) => of > 0)
  const order = parts.flatMap(({ own }) => own.map(({ name }) => name))
  const shown = new Map(counted.map((one) => [one.name, one]))
  return [...new Set(order)].flatMap((name) => {
    const one = shown.get(name)
    if (!one) return []
    const figureIn = (own: readonly Figure[]): Figure =>
      own.find((figure) => figure.name === name) ?? nothing(one)
    return [{ name, parts: parts.map(({ from, to, own }) => ({ from, to, figure: figureIn(own) })) }]
  })
}

/** The figure where there was nothing to count. */
function nothing({ name, unit, target, limit }: Figure): Figure {
  const aim = target !== undefined && limit !== undefined && { target, limit }
  return { name, value: undefined, unit, of: 0, ...aim }
}

function dayOf(time: number): string {
  return new Date(time).toISOString().slice(0, 10)
}
