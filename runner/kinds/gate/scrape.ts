import type { Reading } from './measure.ts'
import { MetricsError, parseMetrics } from './openmetrics.ts'
import type { Sample } from './openmetrics.ts'
import { selects } from './selector.ts'
import { seriesKey } from './snapshot.ts'
import type { Snapshot } from './snapshot.ts'
import type { Get, ReadMetrics, Wanted } from './source.ts'

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
      return { error: 'a `query` needs a Prometheus server, and the source is a metrics page' }
    const pages = await Promise.all(urls.map((url) => readPage(url, get)))
    const failed = pages.find((page) => 'error' in page)
    if (failed && 'error' in failed) return failed
    const snapshot: Snapshot = { at: now(), targets: new Map(), series: [], stale: [] }
    for (const [index, page] of pages.entries()) {
      if ('error' in page) return page
      const problem = addPage(snapshot, urls[index] ?? '', page.samples, wanted, staleMs)
      if (problem !== undefined) return { error: problem }
    }
    return { snapshot, answers: new Map(), notes: [] } satisfies Reading
  }
}

async function readPage(url: string, get: Get): Promise<{ samples: Sample[] } | { error: string }> {
  const answer = await get(url, accept)
  if ('error' in answer) return answer
  if (answer.status !== 200) return { error: `${url} answered ${answer.status}` }
  try {
    return { samples: parseMetrics(answer.text, answer.contentType) }
  } catch (error) {
    if (!(error instanceof MetricsError)) throw error
    return { error: `${url} is not a metrics page: ${error.message}` }
  }
}

function addPage(
  snapshot: Snapshot,
  target: string,
  samples: readonly Sample[],
  { selectors }: Wanted,
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
