import type { Metric } from './metric.ts'
import { selects } from './selector.ts'
import type { Snapshot } from './snapshot.ts'
import { formatIn } from './units.ts'

/** Properties of the metrics that make a gate prove less than its author may think. */
export function advice(metrics: readonly Metric[], snapshot: Snapshot): string[] {
  return metrics.flatMap((metric) => bucketAdvice(metric, snapshot))
}

function bucketAdvice({ measure, limit, unit, name }: Metric, snapshot: Snapshot): string[] {
  if (measure.type !== 'quantile') return []
  const bounds = snapshot.series
    .filter((series) => selects(measure.buckets, series))
    .map(({ labels }) => Number(labels['le']) * unit.factor)
    .filter(Number.isFinite)
    .toSorted((a, b) => a - b)
  const largest = bounds.at(-1)
  if (largest === undefined) return []
  if (largest < limit.value)
    return [
      `${name}: the largest bucket ends at ${formatIn(largest, limit.unit)}, before the limit ${limit.text}: whatever is slower counts as a violation`,
    ]
  if (bounds.some((bound) => Math.abs(bound - limit.value) <= limit.value * 0.1)) return []
  const below = bounds.findLast((bound) => bound < limit.value) ?? 0
  const above = bounds.find((bound) => bound > limit.value) ?? largest
  return [
    `${name}: no bucket ends near the limit ${limit.text}: between ${formatIn(below, limit.unit)} and ${formatIn(above, limit.unit)} the value is interpolated`,
  ]
}
