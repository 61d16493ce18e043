import { failure } from '../../model/problem.ts'
import type { Outcome } from '../../model/problem.ts'
import type { Limit, Measure, Metric, Reduce } from './metric.ts'
import { parseNumber } from './number.ts'
import { isMonotonic, quantileOf } from './quantile.ts'
import { selects } from './selector.ts'
import type { Selector } from './selector.ts'
import { increased, increasedInAll } from './snapshot.ts'
import type { History, Series, Snapshot } from './snapshot.ts'
import { formatIn } from './units.ts'

/** The result of a tick for one metric. */
export type TickVerdict = 'ok' | 'violation' | 'no-data' | 'error'

/** The answer of a server to a query: numbers with their labels, and why they are too old, when they are. */
export interface QueryAnswer {
  values: { labels: Record<string, string>; value: number }[]
  stale?: string
}

export interface MetricReading {
  snapshot: Snapshot
  /** By query. */
  answers: Map<string, Outcome<QueryAnswer>>
  /** Notes of the source, such as a server's warnings. */
  notes: string[]
  /** Why samples may be missing, when the source says so. */
  partial?: string
}

export interface Measured {
  verdict: TickVerdict
  /** In base units; undefined when there is none. */
  value: number | undefined
  reason: string
  /** The numbers behind the value, by name, as text. */
  parts: Record<string, string>
}

interface Computed {
  values?: number[]
  noData?: string
  error?: string
  parts?: Record<string, string>
}

/** Measures one metric over what was read; `history` is undefined until there are two snapshots. */
export function measure(
  metric: Metric,
  reading: MetricReading,
  history: History | undefined,
  minTraffic: number,
): Measured {
  const computed = find(metric, reading, history, minTraffic)
  const parts = computed.parts ?? {}
  if (computed.error !== undefined)
    return { verdict: 'error', value: undefined, reason: computed.error, parts }
  const missing = metric.expect.find((selector) => !covers(metric.measure, selector, reading))
  const noData = missing ? `no series ${missing.braces}` : computed.noData
  const values = computed.values ?? []
  if (noData !== undefined || values.length === 0)
    return { verdict: 'no-data', value: undefined, reason: noData ?? 'the answer is empty', parts }
  if (values.some(Number.isNaN))
    return { verdict: 'no-data', value: undefined, reason: 'the value is not a number (NaN)', parts }
  return judge(metric, values, parts)
}

function judge(metric: Metric, values: readonly number[], parts: Record<string, string>): Measured {
  const { measure: how, limit } = metric
  const reduce = 'reduce' in how ? how.reduce : undefined
  if (values.length > 1 && reduce === undefined) {
    const reason = `${values.length} series, expected one: say how with \`reduce\``
    return { verdict: 'error', value: undefined, reason, parts }
  }
  const value = reduced(values, reduce, limit)
  const shown = `${formatIn(value, limit.unit)}, limit ${limit.side} ${limit.text}`
  if (!Number.isFinite(value) && limit.side === 'above')
    return { verdict: 'error', value, reason: shown, parts }
  const good = Number.isFinite(value) && (limit.side === 'below' ? value < limit.value : value > limit.value)
  return { verdict: good ? 'ok' : 'violation', value, reason: shown, parts }
}

/** `all` looks at the worst value, `any` at the best. */
function reduced(values: readonly number[], reduce: Reduce | undefined, { side }: Limit): number {
  const ways: Record<Exclude<Reduce, 'all' | 'any'>, (a: number, b: number) => number> = {
    max: Math.max,
    min: Math.min,
    sum: (a, b) => a + b,
  }
  const [worst, best] = side === 'below' ? (['max', 'min'] as const) : (['min', 'max'] as const)
  const way = reduce === 'all' ? worst : reduce === 'any' ? best : (reduce ?? 'max')
  // One at a time: a server may answer with more series than a function takes arguments.
  return values.reduce((sofar, value) => ways[way](sofar, value))
}

function find(
  { measure: how, unit }: Metric,
  { snapshot, answers }: MetricReading,
  history: History | undefined,
  minTraffic: number,
): Computed {
  if (how.type === 'query') {
    const answer = answers.get(how.query) ?? failure('the source cannot answer queries')
    if (!answer.ok) return { error: answer.problem.message }
    if (answer.value.stale !== undefined) return { noData: answer.value.stale }
    return { values: answer.value.values.map(({ value }) => value * unit.factor) }
  }
  if (how.type === 'value') {
    const now = current(how.selector, snapshot)
    return now.noData === undefined
      ? { values: now.series.map(({ value }) => value * unit.factor) }
      : { noData: now.noData }
  }
  return counted(how, unit.factor, snapshot, history, minTraffic)
}

function counted(
  how: Extract<Measure, { type: 'ratio' | 'quantile' | 'rate' }>,
  factor: number,
  snapshot: Snapshot,
  history: History | undefined,
  minTraffic: number,
): Computed {
  const base = how.type === 'ratio' ? how.total : how.type === 'quantile' ? how.buckets : how.counter
  const { noData } = current(base, snapshot)
  if (noData !== undefined) return { noData }
  if (!history || history.deltas.length === 0) return { noData: 'there is nothing to compare with yet' }
  if (how.type === 'ratio') return ratio(how.bad, how.total, history, minTraffic)
  if (how.type === 'quantile') return quantile(how.buckets, how.q, factor, history, minTraffic)
  const keys = keysOf(base, history)
  return { values: [perSecond(increased(history, keys), history) * factor] }
}

function ratio(bad: Selector, total: Selector, history: History, minTraffic: number): Computed {
  const badKeys = keysOf(bad, history)
  const totalKeys = keysOf(total, history)
  const all = increased(history, totalKeys)
  const failed = increased(history, badKeys)
  const parts = {
    bad: String(failed),
    total: String(all),
    sinceStart: String(increasedInAll(history, badKeys) / increasedInAll(history, totalKeys)),
  }
  return { ...traffic(all, minTraffic), values: [failed / all], parts }
}

function quantile(
  selector: Selector,
  q: number,
  factor: number,
  history: History,
  minTraffic: number,
): Computed {
  const byBound = new Map<number, string[]>()
  for (const [key, series] of history.last) {
    if (!selects(selector, series)) continue
    const bound = boundOf(series)
    if (bound === undefined)
      return { error: `\`${selector.name}\` has a series without a readable \`le\` label` }
    byBound.set(bound, [...(byBound.get(bound) ?? []), key])
  }
  const counts = (count: typeof increased) =>
    [...byBound].map(([bound, keys]) => ({ bound: bound * factor, count: count(history, keys) }))
  const all = increased(history, byBound.get(Infinity) ?? [])
  if (!byBound.has(Infinity)) return { noData: `\`${selector.name}\` has no bucket up to +Inf` }
  const parts = { total: String(all), sinceStart: String(quantileOf(q, counts(increasedInAll))) }
  const buckets = counts(increased)
  if (!isMonotonic(buckets)) return { noData: `the buckets of \`${selector.name}\` are not monotonic`, parts }
  return { ...traffic(all, minTraffic), values: [quantileOf(q, buckets)], parts }
}

function boundOf({ labels }: Series): number | undefined {
  const bound = parseNumber(labels['le'] ?? '')
  return bound === -Infinity || Number.isNaN(bound) ? undefined : bound
}

function traffic(count: number, minTraffic: number): Computed {
  if (Number.isNaN(count)) return { noData: 'a counter is not a number (NaN)' }
  if (count === Infinity) return { noData: 'a counter is infinite' }
  if (count <= 0) return { noData: 'no traffic' }
  return count < minTraffic ? { noData: `${count} events, fewer than minTraffic ${minTraffic}` } : {}
}

function perSecond(increase: number, { deltas }: History): number {
  const first = deltas[0]
  const last = deltas.at(-1)
  if (!first || !last) return Number.NaN
  return (increase * 1000) / Math.max(1, last.at - first.from)
}

/** The series of now; why there is no data when there are none. */
function current(selector: Selector, snapshot: Snapshot): { series: Series[]; noData: string | undefined } {
  const series = snapshot.series.filter((one) => selects(selector, one))
  if (series.length > 0) return { series, noData: undefined }
  const old = snapshot.stale.filter((one) => selects(selector, one)).map(({ ageMs }) => ageMs)
  const noData =
    old.length > 0
      ? `the newest sample of ${selector.text} is ${Math.round(Math.min(...old) / 100) / 10} s old`
      : `no series matches ${selector.text}`
  return { series, noData }
}

function keysOf(selector: Selector, history: History): string[] {
  return [...history.last].filter(([, series]) => selects(selector, series)).map(([key]) => key)
}

function covers(how: Measure, selector: Selector, { snapshot, answers }: MetricReading): boolean {
  const has = (labels: Record<string, string>): boolean =>
    selector.matchers.every(({ label, matches }) => matches(labels[label] ?? ''))
  if (how.type === 'query') {
    const answer = answers.get(how.query)
    return answer?.ok === true && answer.value.values.some(({ labels }) => has(labels))
  }
  const own = how.type === 'ratio' ? how.total : how.type === 'quantile' ? how.buckets : undefined
  const base = own ?? (how.type === 'rate' ? how.counter : how.type === 'value' ? how.selector : undefined)
  return snapshot.series.some((series) => base && selects(base, series) && has(series.labels))
}
