import type { Metric } from '../../kinds/gate/metric.ts'
import { renamed } from '../../kinds/gate/selector.ts'
import type { Selector } from '../../kinds/gate/selector.ts'
import { seriesKey } from '../../kinds/gate/snapshot.ts'
import type { Look } from '../format/looks.ts'
import { labelsWithout, selectedLabels } from './series-labels.ts'
import type { Labels } from './series-labels.ts'
import { shownValue } from './wanted-values.ts'
import type { Shown } from './wanted-values.ts'

/** How the counters of a gate grow from look to look, so that each metric has the value that a scenario shows. */

export interface OneSeries {
  name: string
  labels: Labels
  /** Name and labels as a metrics page writes them. */
  text: string
  value: number
}

/** The looks at a metric, the first one at index 0. */
export type LooksOf = (metric: Metric) => readonly Look[]

/** Events of one look, and the values that they give. */
interface Seen {
  shown: ReadonlyMap<Metric, Shown>
  volume: number
}

/** Brings all counters of a group of metrics to the next look. A text says why they cannot be brought there. */
export type Growth = (seen: Seen) => string | undefined
/** The counters of a gate by their name and labels. */
export type Counters = Map<string, OneSeries>

/** Makes the counters of metrics, and what brings them to each next look. */
export function growthOf(
  metrics: readonly Metric[],
  counters: Counters,
  looksOf: LooksOf,
  intervalMs: number,
): Growth[] {
  return [
    ...groups(metrics, 'ratio').map(([total, group]) => growRatio(counters, total, group)),
    ...groups(metrics, 'quantile').map(([buckets, group]) =>
      growHistogram(counters, buckets, group, looksOf),
    ),
    ...groups(metrics, 'rate').map(([counter, group]) => growRate(counters, counter, group, intervalMs)),
  ]
}

/** Metrics that count the same series. */
function groups(metrics: readonly Metric[], type: 'ratio' | 'quantile' | 'rate'): [Selector, Metric[]][] {
  const byText = new Map<string, [Selector, Metric[]]>()
  for (const metric of metrics) {
    if (metric.measure.type !== type) continue
    const selector = countedBy(metric)
    if (!selector) continue
    const existing = byText.get(selector.text)
    if (existing) existing[1].push(metric)
    else byText.set(selector.text, [selector, [metric]])
  }
  return [...byText.values()]
}

/** The counters that a metric is computed from; undefined for a gauge. */
export function countedBy({ measure }: Metric): Selector | undefined {
  if (measure.type === 'ratio') return measure.total
  if (measure.type === 'quantile') return measure.buckets
  return measure.type === 'rate' ? measure.counter : undefined
}

function valueOf(shown: Shown | undefined): number {
  return typeof shown === 'number' ? shown : 0
}

function growRate(
  counters: Counters,
  counter: Selector,
  metrics: readonly Metric[],
  intervalMs: number,
): Growth {
  const series = labelSets(counter, metrics).map((labels) => counterOf(counters, counter.name, labels))
  return ({ shown }) => {
    const value = valueOf(shown.get(metrics[0] as Metric))
    for (const one of series) one.value += (value * intervalMs) / 1000
    return undefined
  }
}

function growRatio(counters: Counters, total: Selector, metrics: readonly Metric[]): Growth {
  const bads = metrics.flatMap((metric) =>
    metric.measure.type === 'ratio' ? [{ metric, selector: metric.measure.bad }] : [],
  )
  const within = bads.flatMap(({ selector }) => (selector.name === total.name ? [selector] : []))
  const failing: { metric: Metric; series: OneSeries; own: boolean }[] = []
  for (const { metric, selector } of bads) {
    const own = within.includes(selector)
    const labels = selectedLabels(own ? [selector, renamed(total, selector.name)] : [selector])
    if (!labels) return () => noSeries(selector)
    failing.push({ metric, own, series: counterOf(counters, selector.name, labels) })
  }
  const plain = labelsWithout(total, within)
  if (!plain) return () => noSeries(total)
  const expected = metrics.flatMap(({ expect }) => expect)
  const sets = expected.map((one) => ({
    ...plain,
    ...selectedLabels([total, renamed(one, total.name)]),
  }))
  const rest = (sets.length > 0 ? sets : [plain]).map((labels) => counterOf(counters, total.name, labels))
  return ({ shown, volume }) => {
    let good = volume
    for (const { metric, own, series } of failing) {
      const count = volume * Math.max(0, valueOf(shown.get(metric)))
      series.value += count
      if (own) good -= count
    }
    for (const series of rest) series.value += Math.max(0, good) / rest.length
    return undefined
  }
}

/**
 * Every quantile lies on the end of a bucket, so that it is exact. The buckets are the same at every look: the
 * observations of a look spread evenly between its own quantiles.
 */
function growHistogram(
  counters: Counters,
  buckets: Selector,
  metrics: readonly Metric[],
  looksOf: LooksOf,
): Growth {
  const bounds = boundsOf(metrics, looksOf)
  const largest = (bounds.at(-1) ?? 1) * 2
  const sets = labelSets(buckets, metrics)
  const bucketOf = (le: string): OneSeries[] =>
    sets.map((labels) => counterOf(counters, buckets.name, { ...labels, le }))
  const upTo = [...bounds, largest].map((bound) => ({ bound, series: bucketOf(String(bound)) }))
  const all = bucketOf('+Inf')
  return ({ shown, volume }) => {
    const points = metrics
      .flatMap((metric) => {
        const value = shown.get(metric)
        return metric.measure.type === 'quantile' && typeof value === 'number'
          ? [{ q: metric.measure.q, value }]
          : []
      })
      .toSorted((a, b) => a.q - b.q)
    const broken = points.findIndex(
      ({ value }, index) => index > 0 && value < (points[index - 1]?.value ?? 0),
    )
    if (broken > 0)
      return `quantile ${points[broken]?.q} cannot be smaller than quantile ${points[broken - 1]?.q}`
    for (const { bound, series } of upTo)
      for (const one of series) one.value += volume * shareBelow(bound, points, largest)
    for (const one of all) one.value += volume
    return undefined
  }
}

/** Every value that a look at one of these metrics shows, from the smallest. */
function boundsOf(metrics: readonly Metric[], looksOf: LooksOf): number[] {
  const values = metrics.flatMap((metric) =>
    [...new Set(looksOf(metric)), 'good'].map((look) => shownValue(metric, look)),
  )
  return [...new Set(values.filter((value) => typeof value === 'number'))].toSorted((a, b) => a - b)
}

function shareBelow(bound: number, points: readonly { q: number; value: number }[], largest: number): number {
  const curve = [{ q: 0, value: 0 }, ...points, { q: 1, value: Math.max(largest, 1e-9) }]
  const after = curve.findIndex(({ value }) => value >= bound)
  const [low, high] = [curve[after - 1], curve[after]]
  if (!high) return 1
  // Several quantiles of one value: the largest share is below it.
  if (high.value === bound) return curve.findLast(({ value }) => value === bound)?.q ?? high.q
  if (!low) return high.q
  return low.q + ((high.q - low.q) * (bound - low.value)) / (high.value - low.value)
}

/** One series, or one for each that must exist. */
export function labelSets(selector: Selector, metrics: readonly Metric[]): Labels[] {
  const expected = metrics.flatMap(({ expect }) => expect)
  const sets = expected.map((one) => selectedLabels([selector, renamed(one, selector.name)]))
  const existing = sets.filter((labels) => labels !== undefined)
  return existing.length > 0 ? existing : [selectedLabels([selector]) ?? {}]
}

/** The counter with these labels, which several metrics may share. */
function counterOf(counters: Counters, name: string, labels: Labels): OneSeries {
  const key = seriesKey('', name, labels)
  const series = counters.get(key) ?? oneSeries(name, labels)
  counters.set(key, series)
  return series
}

export function oneSeries(name: string, labels: Labels): OneSeries {
  const pairs = Object.entries(labels).map(([label, value]) => `${label}=${JSON.stringify(value)}`)
  return { name, labels, text: pairs.length === 0 ? name : `${name}{${pairs.join(',')}}`, value: 0 }
}

function noSeries({ text }: Selector): string {
  return `no series was found that \`${text}\` selects`
}
