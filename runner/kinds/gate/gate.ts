import { failure, success } from '../../model/problem.ts'
import type { Outcome } from '../../model/problem.ts'
import type { Clock, StepContext } from '../kind.ts'
import type { Metric } from './metric.ts'
import type { Params } from './gate-params.ts'
import { prometheusSource } from './sources/prometheus.ts'
import { scrapeSource } from './sources/scrape.ts'
import { parseSource } from './sources/metric-source.ts'
import type { Get, ReadMetrics } from './sources/metric-source.ts'
import { parseMetricList } from './spec.ts'
import { watch } from './watch.ts'
import type { Watched, WatchOptions } from './watch.ts'

/** The ports of a gate, in a run and in a script alike. */
export interface GatePorts {
  http: StepContext['http']
  clock: Clock
  signal: AbortSignal
}

export interface Gate {
  metrics: readonly Metric[]
  /** Watches once. `violations` of an earlier watch stay counted. */
  watch(onSample: WatchOptions['onSample'], violations?: number): Promise<Watched>
}

/** Longest metrics answer that is read, in bytes. */
const maxBytes = 64 * 1_048_576

/** How old an answer may be that a cache gives, in milliseconds. */
const cachedMs = 60_000

/** Makes a gate of its settings and its list of metrics. */
export function makeGate(list: string, settings: Params, ports: GatePorts): Outcome<Gate> {
  const listed = parseMetricList(list)
  if (!listed.ok) return listed
  const metrics = listed.value
  const source = sourceOf(settings, metrics, ports)
  if (!source.ok) return source
  const read = source.value
  const { for: forMs, interval, range, warmup, minTraffic, onPartial, ...rules } = settings
  return success({
    metrics,
    watch: (onSample, violations = 0) =>
      watch({
        metrics,
        read,
        rules: { ...rules, expected: Math.max(1, Math.floor(forMs / interval)) },
        intervalMs: interval,
        rangeMs: range,
        warmup: Math.ceil(warmup / interval),
        minTraffic,
        onPartial,
        violations,
        clock: ports.clock,
        signal: ports.signal,
        onSample,
      }),
  })
}

function sourceOf(
  { source, type, stale, interval, requestTimeout }: Params,
  metrics: readonly Metric[],
  { http, clock }: GatePorts,
): Outcome<ReadMetrics> {
  const parsed = parseSource(source, type)
  if (!parsed.ok) return parsed
  const timeoutMs = requestTimeout ?? Math.min(Math.max(interval, 1000), 10_000)
  const get: Get = async (url, accept) => {
    const answer = await http({ method: 'GET', url, headers: { accept }, timeoutMs, maxBytes })
    if (!answer.ok) return answer
    const { status, headers, text, cut } = answer.value
    const ageMs = Number(headers['age'] ?? 0) * 1000
    if (ageMs > cachedMs) return failure(`${url} answered from a cache, ${ageMs / 1000} s old`)
    if (cut) return failure(`${url} answered more than ${maxBytes} bytes`)
    return success({ status, contentType: headers['content-type'] ?? '', text })
  }
  const { urls } = parsed.value
  const now = (): number => clock.wall()
  if (parsed.value.type === 'prometheus')
    return success(prometheusSource({ url: urls[0] ?? '', get, staleMs: stale, intervalMs: interval, now }))
  if (metrics.some(({ measure }) => measure.type === 'query'))
    return failure('a `query` needs a Prometheus server, and the source is a metrics page')
  const staleMs = stale ?? Math.max(2 * interval, 60_000)
  return success(scrapeSource({ urls, get, now, staleMs }))
}
