import type { Selector } from './selector.ts'
import type { Unit } from './units.ts'

/** The combination of several series: one number, or a limit all (or any) of them must keep. */
export type Reduce = 'max' | 'min' | 'sum' | 'all' | 'any'

/** Where a value stops being good. A value that equals the limit has reached it, and violates. */
export interface Limit {
  side: 'below' | 'above'
  /** As written, such as `1%`. */
  text: string
  /** In base units. */
  value: number
  unit: Unit
}

export type Measure =
  | { type: 'ratio'; bad: Selector; total: Selector }
  | { type: 'quantile'; buckets: Selector; q: number }
  | { type: 'rate'; counter: Selector }
  | { type: 'value'; selector: Selector; reduce: Reduce | undefined }
  | { type: 'query'; query: string; reduce: Reduce | undefined }

/** One line of a gate. */
export interface Metric {
  /** The displayed name. */
  name: string
  measure: Measure
  /** The unit the metric counts in. */
  unit: Unit
  limit: Limit
  /** Selectors of series that must exist, each as labels in braces; a missing one counts as no data. */
  expect: Selector[]
}

/** The selectors whose series a source must read for a metric. */
export function selectorsOf({ measure }: Metric): Selector[] {
  switch (measure.type) {
    case 'ratio':
      return [measure.bad, measure.total]
    case 'quantile':
      return [measure.buckets]
    case 'rate':
      return [measure.counter]
    case 'value':
      return [measure.selector]
    default:
      return []
  }
}

/** The request, in one line, for the record. */
export function queryText({ measure }: Metric): string {
  switch (measure.type) {
    case 'ratio':
      return `${measure.bad.text} / ${measure.total.text}`
    case 'quantile':
      return `quantile ${measure.q} of ${measure.buckets.text}`
    case 'rate':
      return `rate of ${measure.counter.text}`
    case 'value':
      return `${measure.reduce ? `${measure.reduce} of ` : ''}${measure.selector.text}`
    default:
      return measure.query
  }
}
