import type { Event } from '../record/event.ts'
import { isRecord } from '../../model/values/json.ts'
import type { JsonObject } from '../../model/values/json.ts'

interface Point {
  at: string
  verdict: string
  /** In the unit of the limit; undefined when there was no value. */
  value: number | undefined
}

/** One metric of a step over the time it was watched. */
export interface Series {
  name: string
  query: string
  side: string
  limitText: string
  limit: number
  /** Unit of the limit and the values, such as `%`; empty for a number without one. */
  unit: string
  points: Point[]
}

/** The samples in the events of a step, by metric, in the order they were taken. */
export function samplesOf(events: readonly Event[]): Series[] {
  const series = new Map<string, Series>()
  for (const { type, ts, data } of events) {
    if (type !== 'gate-sampled' || !Array.isArray(data['metrics'])) continue
    for (const metric of data['metrics']) if (isRecord(metric)) addPoint(series, metric, ts)
  }
  return [...series.values()]
}

function addPoint(series: Map<string, Series>, metric: JsonObject, at: string): void {
  const text = (name: string): string => (typeof metric[name] === 'string' ? metric[name] : '')
  const factor = Number(text('factor')) || 1
  const current = series.get(text('query')) ?? {
    name: text('name') || text('query'),
    query: text('query'),
    side: text('side'),
    limitText: text('limitText'),
    limit: Number(text('limit')) / factor,
    unit: text('unit'),
    points: [],
  }
  const value = text('value') === '' ? undefined : Number(text('value')) / factor
  current.points.push({ at, verdict: text('verdict'), value: Number.isFinite(value) ? value : undefined })
  series.set(current.query, current)
}
