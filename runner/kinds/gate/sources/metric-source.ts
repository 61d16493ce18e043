import { failure, success } from '../../../model/problem.ts'
import type { Outcome } from '../../../model/problem.ts'
import type { MetricReading } from '../measure.ts'
import type { Selector } from '../selector.ts'

/** The request of a gate to a source at each tick. */
export interface WantedMetrics {
  selectors: readonly Selector[]
  queries: readonly string[]
}

/** Where samples come from. A reading is whole, or it is a problem. */
export type ReadMetrics = (wanted: WantedMetrics) => Promise<Outcome<MetricReading>>

/** Gets one address. Never throws. */
export type Get = (
  url: string,
  accept: string,
) => Promise<Outcome<{ status: number; contentType: string; text: string }>>

/** Splits a `source` into the addresses it names and the way they are read. */
export function parseSource(
  text: string,
  type: 'openmetrics' | 'prometheus' | undefined,
): Outcome<{ type: 'openmetrics' | 'prometheus'; urls: string[] }> {
  const urls = text.split(/[\s,]+/).filter((url) => url !== '')
  const bad = urls.find((url) => !/^https?:\/\//.test(url) || !URL.canParse(url))
  if (bad !== undefined || urls.length === 0)
    return failure(`Unexpected source \`${bad ?? text}\`, expected an http or https address`)
  const scraped = urls.every((url) => /\/metrics\/?$/.test(new URL(url).pathname))
  const kind = type ?? (scraped ? 'openmetrics' : 'prometheus')
  if (kind === 'prometheus' && urls.length > 1)
    return failure(
      `Unexpected ${urls.length} addresses, expected one Prometheus server, or addresses that end in /metrics`,
    )
  return success({ type: kind, urls })
}
