import type { Metric } from '../../kinds/gate/metric.ts'
import { renamed } from '../../kinds/gate/selector.ts'
import type { Selector } from '../../kinds/gate/selector.ts'
import { seriesKey } from '../../kinds/gate/snapshot.ts'
import type { Look } from '../format/looks.ts'
import { labelsWithout, selectedLabels } from './series-labels.ts'
import type { Labels } from './series-labels.ts'
import { shownValue } from './wanted-values.ts'
import type { Shown } from './wanted-values.ts'

export interface OneSeries {
  name: string
  labels: Labels
  value: number
}

/** The metrics of one gate, as they grow from look to look. */
export interface GateSeries {
  metrics: readonly Metric[]
  /** Milliseconds since the epoch of the first look, which counters are compared with. */
  began: number
  intervalMs: number
  /** The look that the counters stand at; 0 is the first. */
  look: number
  counters: Map<string, OneSeries>
  /** Events of one look. */
  volume: number
  /** The values of the look before, as text. */
  before: string
}

/** Events of the first looks; any share of them that matters is a whole number. */
const firstVolume = 10_000
/**
 * A gate counts over several looks. Where a value changes, so many more events come that those before hardly count, and
 * the gate sees the new value at once.
 */
const flood = 1_000_000

export function beginSeries(
  metrics: readonly Metric[],
  began: number,
  intervalMs: number,
  minTraffic: number,
): GateSeries {
  const volume = Math.max(firstVolume, minTraffic * 10)
  return { metrics, began, intervalMs, look: 0, counters: new Map(), volume, before: '' }
}

/** The looks at a metric, the first one at index 0. */
export type LooksOf = (metric: Metric) => readonly Look[]

export function shownAt({ metrics }: GateSeries, looksOf: LooksOf, look: number): Map<Metric, Shown> {
  return new Map(
    metrics.map((metric) => {
      const looks = looksOf(metric)
      const text = looks[Math.min(Math.max(look, 1), looks.length) - 1] ?? 'good'
      return [metric, shownValue(metric, text)]
    }),
  )
}

/** Brings the counters to a look, and gives all series that are there then. A text says why it cannot be. */
export function seriesAt(gate: GateSeries, looksOf: LooksOf, look: number): OneSeries[] | string {
  if (gate.counters.size === 0) {
    const problem = grow(gate, looksOf, 0)
    if (problem !== undefined) return problem
  }
  while (gate.look < look) {
    gate.look += 1
    const problem = grow(gate, looksOf, gate.look)
    if (problem !== undefined) return problem
  }
  const shown = shownAt(gate, looksOf, look)
  const absent = new Set(
    [...shown].flatMap(([metric, value]) => (value === 'nothing' ? keysOf(gate, metric) : [])),
  )
  const gauges = gate.metrics.flatMap((metric) => gaugesOf(metric, shown.get(metric)))
  return [...[...gate.counters].filter(([key]) => !absent.has(key)).map(([, series]) => series), ...gauges]
}

function keysOf({ counters }: GateSeries, { measure }: Metric): string[] {
  const selectors =
    measure.type === 'ratio'
      ? [measure.total]
      : measure.type === 'quantile'
        ? [measure.buckets]
        : measure.type === 'rate'
          ? [measure.counter]
          : []
  return [...counters]
    .filter(([, { name, labels }]) =>
      selectors.some(
        (selector) =>
          selector.name === name &&
          selector.matchers.every(({ label, matches }) => matches(labels[label] ?? '')),
      ),
    )
    .map(([key]) => key)
}

function grow(gate: GateSeries, looksOf: LooksOf, look: number): string | undefined {
  const shown = shownAt(gate, looksOf, look)
  const text = [...shown.values()].join(' ')
  if (gate.before !== '' && text !== gate.before && gate.volume < 1e250) gate.volume *= flood
  gate.before = text
  for (const [total, metrics] of groups(gate.metrics, 'ratio')) {
    const problem = growRatio(gate, total, metrics, shown)
    if (problem !== undefined) return problem
  }
  for (const [buckets, metrics] of groups(gate.metrics, 'quantile')) {
    const problem = growHistogram(gate, buckets, metrics, looksOf, shown)
    if (problem !== undefined) return problem
  }
  for (const [counter, metrics] of groups(gate.metrics, 'rate')) {
    const value = valueOf(shown.get(metrics[0] as Metric))
    for (const labels of labelSets(counter, metrics))
      add(gate, counter.name, labels, (value * gate.intervalMs) / 1000)
  }
  return undefined
}

/** Metrics that count the same series. */
function groups(metrics: readonly Metric[], type: 'ratio' | 'quantile' | 'rate'): [Selector, Metric[]][] {
  const byText = new Map<string, [Selector, Metric[]]>()
  for (const metric of metrics) {
    if (metric.measure.type !== type) continue
    const selector = baseOf(metric) as Selector
    const existing = byText.get(selector.text)
    if (existing) existing[1].push(metric)
    else byText.set(selector.text, [selector, [metric]])
  }
  return [...byText.values()]
}

function baseOf({ measure }: Metric): Selector | undefined {
  if (measure.type === 'ratio') return measure.total
  if (measure.type === 'quantile') return measure.buckets
  if (measure.type === 'rate') return measure.counter
  return measure.type === 'value' ? measure.selector : undefined
}

function valueOf(shown: Shown | undefined): number {
  return typeof shown === 'number' ? shown : 0
}

function growRatio(
  gate: GateSeries,
  total: Selector,
  metrics: readonly Metric[],
  shown: ReadonlyMap<Metric, Shown>,
): string | undefined {
  const bads = metrics.flatMap((metric) => (metric.measure.type === 'ratio' ? [metric.measure.bad] : []))
  const within = bads.filter(({ name }) => name === total.name)
  let good = gate.volume
  for (const [index, metric] of metrics.entries()) {
    const bad = bads[index] as Selector
    const own = within.includes(bad)
    const sets = own ? [selectedLabels([bad, renamed(total, bad.name)])] : [selectedLabels([bad])]
    const [labels] = sets
    if (!labels) return noSeries(bad)
    const count = gate.volume * Math.max(0, valueOf(shown.get(metric)))
    add(gate, bad.name, labels, count)
    if (own) good -= count
  }
  const expected = metrics.flatMap(({ expect }) => expect)
  const plain = labelsWithout(total, within)
  if (!plain) return noSeries(total)
  const all = expected.map((selector) => selectedLabels([total, renamed(selector, total.name)]) ?? plain)
  const list = all.length > 0 ? all.map((labels) => ({ ...plain, ...labels })) : [plain]
  for (const labels of list) add(gate, total.name, labels, Math.max(0, good) / list.length)
  return undefined
}

/**
 * Every quantile lies on the end of a bucket, so that it is exact. The buckets are the same at every look: the
 * observations of a look spread evenly between its own quantiles.
 */
function growHistogram(
  gate: GateSeries,
  buckets: Selector,
  metrics: readonly Metric[],
  looksOf: LooksOf,
  shown: ReadonlyMap<Metric, Shown>,
): string | undefined {
  const points = metrics
    .flatMap((metric) => {
      const value = shown.get(metric)
      return metric.measure.type === 'quantile' && typeof value === 'number'
        ? [{ q: metric.measure.q, value }]
        : []
    })
    .toSorted((a, b) => a.q - b.q)
  const broken = points.findIndex(({ value }, index) => index > 0 && value < (points[index - 1]?.value ?? 0))
  if (broken > 0)
    return `quantile ${points[broken]?.q} is smaller than quantile ${points[broken - 1]?.q}, which no observations are`
  const bounds = [
    ...new Set(
      metrics.flatMap((metric) =>
        [...new Set(looksOf(metric)), 'good'].flatMap((look) => {
          const value = shownValue(metric, look)
          return typeof value === 'number' ? [value] : []
        }),
      ),
    ),
  ].toSorted((a, b) => a - b)
  const largest = (bounds.at(-1) ?? 1) * 2
  for (const labels of labelSets(buckets, metrics)) {
    for (const bound of [...bounds, largest])
      add(
        gate,
        buckets.name,
        { ...labels, le: String(bound) },
        gate.volume * shareBelow(bound, points, largest),
      )
    add(gate, buckets.name, { ...labels, le: '+Inf' }, gate.volume)
  }
  return undefined
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

function gaugesOf(metric: Metric, shown: Shown | undefined): OneSeries[] {
  const { measure } = metric
  if (measure.type !== 'value' || typeof shown !== 'number') return []
  return labelSets(measure.selector, [metric]).map((labels) => ({
    name: measure.selector.name,
    labels,
    value: shown,
  }))
}

/** One series, or one for each that must exist. */
function labelSets(selector: Selector, metrics: readonly Metric[]): Labels[] {
  const expected = metrics.flatMap(({ expect }) => expect)
  const sets = expected.map((one) => selectedLabels([selector, renamed(one, selector.name)]))
  const existing = sets.filter((labels) => labels !== undefined)
  return existing.length > 0 ? existing : [selectedLabels([selector]) ?? {}]
}

function add({ counters }: GateSeries, name: string, labels: Labels, count: number): void {
  const key = seriesKey('', name, labels)
  const existing = counters.get(key)
  if (existing) existing.value += count
  else counters.set(key, { name, labels, value: count })
}

function noSeries({ text }: Selector): string {
  return `no series was found that \`${text}\` selects`
}
