import type { JsonObject } from '../../model/values/json.ts'
import { queryText } from './metric.ts'
import type { Sample } from './watch.ts'

/** A sample as the journal keeps it: numbers as text, since the journal holds whole numbers only. */
export function sampleData(sample: Sample): JsonObject {
  const { tick, of, phase, verdict, at, reason, notes, tally } = sample
  return {
    tick,
    of,
    phase,
    verdict,
    atMs: Math.round(at),
    reason,
    ...(notes.length > 0 ? { notes } : {}),
    counted: tally.ticks,
    ok: tally.ok,
    violations: tally.violations,
    metrics: sample.metrics.map(({ metric, verdict: own, value, reason: why, parts }) => ({
      name: metric.name,
      query: queryText(metric),
      verdict: own,
      /** In base units; empty when there is none. */
      value: value === undefined ? '' : String(value),
      side: metric.limit.side,
      limit: String(metric.limit.value),
      limitText: metric.limit.text,
      unit: metric.limit.unit.text,
      factor: String(metric.limit.unit.factor),
      reason: why,
      ...parts,
    })),
  }
}
