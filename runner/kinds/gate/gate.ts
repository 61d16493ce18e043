import { asText } from '../../model/values/json.ts'
import type { Clock, StepContext } from '../kind.ts'
import type { Metric } from './metric.ts'
import type { Params } from './params.ts'
import { prometheusSource } from './prometheus.ts'
import { scrapeSource } from './scrape.ts'
import { parseSource } from './source.ts'
import type { Get, ReadMetrics } from './source.ts'
import { parseMetricList } from './spec.ts'
import { watch } from './watch.ts'
import type { Watched, WatchOptions } from './watch.ts'

/** What a gate needs of the world, in a run and in a script alike. */
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

/** Makes a gate of its settings and its list of metrics; returns what is wrong with them as text. */
export function makeGate(list: string, settings: Params, ports: GatePorts): Gate | string {
  const metrics = parseMetricList(list)
  if (typeof metrics === 'string') return metrics
  const read = sourceOf(settings, metrics, ports)
  if (typeof read === 'string') return read
  const { for: forMs, interval, range, warmup, minTraffic, onPartial, ...rules } = settings
  return {
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
  }
}

function sourceOf(
  { source, type, stale, interval, requestTimeout }: Params,
  metrics: readonly Metric[],
  { http, clock }: GatePorts,
): ReadMetrics | string {
  const parsed = parseSource(source, type)
  if (typeof parsed === 'string') return parsed
  const timeoutMs = requestTimeout ?? Math.min(Math.max(interval, 1000), 10_000)
  const get: Get = async (url, accept) => {
    const answer = await http({ method: 'GET', url, headers: { accept }, timeoutMs, maxBytes })
    if ('error' in answer) return { error: asText(answer.error) }
    if ('unknown' in answer) return { error: asText(answer.unknown) }
    const ageMs = Number(answer.headers['age'] ?? 0) * 1000
    if (ageMs > cachedMs) return { error: `${url} answered from a cache, ${ageMs / 1000} s old` }
    if (answer.cut) return { error: `${url} answered more than ${maxBytes} bytes` }
    return { status: answer.status, contentType: answer.headers['content-type'] ?? '', text: answer.text }
  }
  if (parsed.type === 'prometheus')
    return prometheusSource({
      url: parsed.urls[0] ?? '',
      get,
      staleMs: stale,
      intervalMs: interval,
      now: () => clock.wall(),
    })
  if (metrics.some(({ measure }) => measure.type === 'query'))
    return 'a `query` needs a Prometheus server, and the source is a metrics page'
  const staleMs = stale ?? Math.max(2 * interval, 60_000)
  return scrapeSource({ urls: parsed.urls, get, now: () => clock.wall(), staleMs })
}
