import fc from 'fast-check'
import { expect, test } from 'vitest'
import { effort } from '../../../test/support/effort.ts'
import { measure } from '../../kinds/gate/measure.ts'
import { selectorsOf } from '../../kinds/gate/metric.ts'
import { selects } from '../../kinds/gate/selector.ts'
import { advance, beginHistory, seriesKey } from '../../kinds/gate/snapshot.ts'
import type { Snapshot } from '../../kinds/gate/snapshot.ts'
import { parseMetricList } from '../../kinds/gate/spec.ts'
import { orThrow } from '../../model/problem.ts'
import { beginSeries, seriesAt } from './gate-series.ts'
import type { LooksOf } from './counter-growth.ts'

const list = `
- name: errors
  ratio: { bad: 'requests_total{color="green",code=~"5.."}', total: 'requests_total{color="green"}' }
  below: 1%
- name: p95
  quantile: { histogram: 'duration_seconds{color="green"}', q: 0.95 }
  below: 1s
- name: p99
  quantile: { histogram: 'duration_seconds{color="green"}', q: 0.99 }
  below: 2s
- name: up
  value: 'ready{color!="blue"}'
  above: 0
`
const intervalMs = 15_000

test('a gate measures the values that a scenario names, whatever was before them', () => {
  const metrics = orThrow(parseMetricList(list))
  const look = fc.record({ errors: fc.integer({ min: 0, max: 100 }), p95: ms(), more: ms(), up: ms() })
  fc.assert(
    fc.property(fc.array(look, { minLength: 1, maxLength: 8 }), (looks) => {
      const looksByName: Record<string, string[]> = {
        errors: looks.map(({ errors }) => `${errors}%`),
        p95: looks.map(({ p95 }) => `${p95}ms`),
        p99: looks.map(({ p95, more }) => `${p95 + more}ms`),
        up: looks.map(({ up }) => String(up)),
      }
      const looksOf: LooksOf = ({ name }) => looksByName[name] ?? []
      const gate = beginSeries({ metrics, looksOf, began: 0, intervalMs, minTraffic: 1 })
      const at = (tick: number): Snapshot => {
        const series = seriesAt(gate, tick)
        if (typeof series === 'string') throw new Error(series)
        const wanted = metrics.flatMap(selectorsOf)
        return {
          at: tick * intervalMs,
          targets: new Map([['t', undefined]]),
          stale: [],
          series: series
            .filter((one) => wanted.some((selector) => selects(selector, one)))
            .map((one) => ({ ...one, target: 't', key: seriesKey('t', one.name, one.labels) })),
        }
      }
      let history = beginHistory(at(0), 0)
      for (const [index, one] of looks.entries()) {
        const snapshot = at(index + 1)
        history = advance(history, snapshot, (index + 1) * intervalMs, 60_000)
        const reading = { snapshot, answers: new Map(), notes: [] }
        const values = metrics.map((metric) => measure(metric, reading, history, 1).value ?? Number.NaN)
        const wanted = [one.errors / 100, one.p95 / 1000, (one.p95 + one.more) / 1000, one.up]
        for (const [metric, value] of values.entries())
          expect(Math.abs(value - (wanted[metric] ?? 0)), `${metric} at look ${index + 1}`).toBeLessThan(
            0.005 * Math.max(1, wanted[metric] ?? 0),
          )
      }
    }),
    effort(100, 5000),
  )
})

function ms(): fc.Arbitrary<number> {
  return fc.integer({ min: 1, max: 5000 })
}
