import { failure, success } from '../../../model/problem.ts'
import type { Outcome } from '../../../model/problem.ts'
import { parseMetrics } from './openmetrics.ts'
import type { MetricSample } from './openmetrics.ts'
import { selects } from '../selector.ts'
import { seriesKey } from '../snapshot.ts'
import type { Snapshot } from '../snapshot.ts'
import type { Get, ReadMetrics, WantedMetrics } from './metric-source.ts'

const accept = 'application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5'

export interface ScrapeOptions {
  urls: readonly string[]
  get: Get
  /** Milliseconds since the epoch. */
  now: () => number
  /** Age at which a sample that carries its own time no longer speaks for now, in milliseconds. */
  staleMs: number
}

/** Reads metrics pages directly. When one of several does not answer, the whole reading is an error. */
export function scrapeSource({ urls, get, now, staleMs }: ScrapeOptions): ReadMetrics {
  return async (wanted) => {
    if (wanted.queries.length > 0)
      return failure('a `query` needs a Prometheus server, and the source is a metrics page')
    const pages = await Promise.all(urls.map((url) => readPage(url, get)))
    const snapshot: Snapshot = { at: now(), targets: new Map(), series: [], stale: [] }
    for (const [index, page] of pages.entries()) {
      if (!page.ok) return page
      const problem = addPage(snapshot, urls[index] ?? '', page.value, wanted, staleMs)
      if (problem !== undefined) return failure(problem)
    }
    return success({ snapshot, answers: new Map(), notes: [] })
  }
}

async function readPage(url: string, get: Get): Promise<Outcome<MetricSample[]>> {
  const answer = await get(url, accept)
  if (!answer.ok) return answer
  const { status, text, contentType } = answer.value
  if (status !== 200) return failure(`${url} answered ${status}`)
  const samples = parseMetrics(text, contentType)
  return samples.ok ? samples : failure(`${url} is not a metrics page: ${samples.problem.message}`)
}

function addPage(
  snapshot: Snapshot,
  target: string,
  samples: readonly MetricSample[],
  { selectors }: WantedMetrics,
  staleMs: number,
): string | undefined {
  const started = samples.find(({ name }) => name === 'process_start_time_seconds')
  snapshot.targets.set(target, started?.value)
  const seen = new Set<string>()
  for (const { name, labels, value, at } of samples) {
    if (!selectors.some((selector) => selects(selector, { name, labels }))) continue
    const key = seriesKey(target, name, labels)
    if (seen.has(key)) return `${target} has the series ${name} twice with the same labels`
    seen.add(key)
    const series = { key, target, name, labels, value }
    // A time that lies ahead is wrong: such a sample would never grow old.
    const ageMs = at === undefined ? 0 : Math.abs(snapshot.at - at)
    if (ageMs > staleMs) snapshot.stale.push({ ...series, ageMs })
    else snapshot.series.push(series)
  }
  return undefined
}
