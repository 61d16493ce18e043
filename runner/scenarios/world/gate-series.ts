import type { Metric } from '../../kinds/gate/metric.ts'
import { selects } from '../../kinds/gate/selector.ts'
import { countedBy, growthOf, labelSets, oneSeries } from './counter-growth.ts'
import type { Counters, Growth, LooksOf, OneSeries } from './counter-growth.ts'
import { shownValue } from './wanted-values.ts'
import type { Shown } from './wanted-values.ts'

/** The metrics of one gate, as they grow from look to look. */
export interface GateSeries {
  metrics: readonly Metric[]
  looksOf: LooksOf
  /** Milliseconds since the epoch of the first look, which counters are compared with. */
  began: number
  intervalMs: number
  /** The last look that the counters stand at; 0 is the first, and -1 is before it. */
  look: number
  counters: Counters
  growth: Growth[]
  gauges: { metric: Metric; series: OneSeries[] }[]
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

export interface GateSettings {
  metrics: readonly Metric[]
  looksOf: LooksOf
  began: number
  intervalMs: number
  minTraffic: number
}

/** The series of a gate before its first look: its labels and buckets are the same at every look. */
export function beginSeries({ minTraffic, ...settings }: GateSettings): GateSeries {
  const { metrics, looksOf, intervalMs } = settings
  const counters: Counters = new Map()
  return {
    ...settings,
    look: -1,
    counters,
    growth: growthOf(metrics, counters, looksOf, intervalMs),
    gauges: metrics.map((metric) => ({ metric, series: gaugesOf(metric) })),
    volume: Math.max(firstVolume, minTraffic * 10),
    before: '',
  }
}

export function shownAt({ metrics, looksOf }: GateSeries, look: number): Map<Metric, Shown> {
  return new Map(
    metrics.map((metric) => {
      const looks = looksOf(metric)
      const text = looks[Math.min(Math.max(look, 1), looks.length) - 1] ?? 'good'
      return [metric, shownValue(metric, text)]
    }),
  )
}

/** Brings the counters to a look, and gives all series that are there then. A text says why it cannot be. */
export function seriesAt(gate: GateSeries, look: number): OneSeries[] | string {
  while (gate.look < look) {
    gate.look += 1
    const problem = grow(gate)
    if (problem !== undefined) return problem
  }
  const shown = shownAt(gate, look)
  const absent = new Set(
    [...shown].flatMap(([metric, value]) => (value === 'nothing' ? countersOf(gate, metric) : [])),
  )
  const gauges = gate.gauges.flatMap(({ metric, series }) => {
    const value = shown.get(metric)
    return typeof value === 'number' ? series.map((one) => ({ ...one, value })) : []
  })
  return [...[...gate.counters.values()].filter((series) => !absent.has(series)), ...gauges]
}

function countersOf({ counters }: GateSeries, metric: Metric): OneSeries[] {
  const base = countedBy(metric)
  return base ? [...counters.values()].filter((series) => selects(base, series)) : []
}

function grow(gate: GateSeries): string | undefined {
  const shown = shownAt(gate, gate.look)
  const text = [...shown.values()].join(' ')
  if (gate.before !== '' && text !== gate.before && gate.volume < 1e250) gate.volume *= flood
  gate.before = text
  for (const each of gate.growth) {
    const problem = each({ shown, volume: gate.volume })
    if (problem !== undefined) return problem
  }
  return undefined
}

function gaugesOf(metric: Metric): OneSeries[] {
  const { measure } = metric
  if (measure.type !== 'value') return []
  const { name } = measure.selector
  return labelSets(measure.selector, [metric]).map((labels) => oneSeries(name, labels))
}
