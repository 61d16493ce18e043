import type { Reading } from './measure.ts'
import type { Selector } from './selector.ts'

/** What a gate asks a source for at each tick. */
export interface Wanted {
  selectors: readonly Selector[]
  queries: readonly string[]
}

/** Where samples come from. A reading is whole, or it is an error. */
export type ReadMetrics = (wanted: Wanted) => Promise<Reading | { error: string }>

/** Gets one address. Never throws: what went wrong is text. */
export type Get = (
  url: string,
  accept: string,
) => Promise<{ status: number; contentType: string; text: string } | { error: string }>

/** Splits a `source` into the addresses it names and the way they are read. */
export function parseSource(
  text: string,
  type: 'openmetrics' | 'prometheus' | undefined,
): { type: 'openmetrics' | 'prometheus'; urls: string[] } | string {
  const urls = text.split(/[\s,]+/).filter((url) => url !== '')
  const bad = urls.find((url) => !/^https?:\/\//.test(url) || !URL.canParse(url))
  if (bad !== undefined || urls.length === 0)
    return `Unexpected source \`${bad ?? text}\`, expected an http or https address`
  const scraped = urls.every((url) => /\/metrics\/?$/.test(new URL(url).pathname))
  const found = type ?? (scraped ? 'openmetrics' : 'prometheus')
  if (found === 'prometheus' && urls.length > 1)
    return `Unexpected ${urls.length} addresses, expected one Prometheus server, or addresses that end in /metrics`
  return { type: found, urls }
}
