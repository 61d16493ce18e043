import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { quantileOf } from './quantile.ts'
import { parseSelector, rangeSelectors, selects } from './selector.ts'
import { parseMetricList } from './spec.ts'
import { formatIn, parseAmount } from './units.ts'
import { orThrow, problemOf } from '../../model/problem.ts'

test.each([
  ['1%', 'ratio', 0.01],
  ['0.5 %', 'ratio', 0.005],
  ['1000ms', 'seconds', 1],
  ['2 s', 'seconds', 2],
  ['20 MB/s', 'bytes per second', 20_000_000],
  ['512 MiB', 'bytes', 536_870_912],
  ['100/s', 'per second', 100],
  [3, 'number', 3],
])('the limit %s is a number of %s', (text, dimension, value) => {
  const read = parseAmount(text)
  expect(read?.unit.dimension).toBe(dimension)
  expect((read?.value ?? 0) * (read?.unit.factor ?? 0)).toBeCloseTo(value, 10)
})

test.each(['', '%', '1 apple', 'ms', '1..2s', '1%%', 'Infinity', 'NaN'])('%j is not a limit', (text) => {
  expect(parseAmount(text)).toBeUndefined()
})

test('a value is shown in the unit of its limit', () => {
  const ms = parseAmount('1000ms')
  expect(ms && formatIn(0.81234, ms.unit)).toBe('812.3 ms')
})

const refused: [string, string][] = [
  ['', 'Unexpected fence, expected a list of metrics such as `- ratio: { bad: …, total: … }`'],
  ['[', 'The fence is not valid YAML: '],
  ['- below: 1%', 'Metric 1: Unexpected entry, expected exactly one of ratio, quantile, rate, value, query'],
  ['- { value: up, query: up, below: 1 }', 'Metric 1: Unexpected value and query, expected exactly one of'],
  ['- { value: up }', 'Metric 1: Unexpected limit, expected exactly one of `below` and `above`'],
  ['- { value: up, below: 1, above: 2 }', 'Metric 1: Unexpected limit, expected exactly one of'],
  ['- { value: up, below: soon }', 'Metric 1: Unexpected limit `soon`, expected a number with a unit'],
  [
    '- { value: x_seconds, below: 5 }',
    'Metric 1: Unexpected limit `5` for a metric in seconds: write it with its unit',
  ],
  ['- { value: x_seconds, below: 5 MB }', 'for a metric in seconds: they measure different things'],
  [
    '- { value: depth, below: 5s }',
    'Metric 1: The unit of the metric is unknown, so `5s` cannot be compared',
  ],
  ['- { ratio: { bad: a, total: b }, below: 400% }', 'Unexpected limit `400%`: a ratio is from 0 to 100%'],
  ['- { ratio: { bad: a, total: b }, above: -1% }', 'Unexpected limit `-1%`: a ratio is from 0 to 100%'],
  ['- { ratio: { bad: a, total: b }, below: 0 }', 'Unexpected limit `0`: a ratio is from 0 to 100%'],
  ['- { rate: x_total, below: -1/s }', 'Unexpected limit `-1/s`: a rate is never below 0'],
  ['- { query: "a/b", below: 1% }', 'Metric 1: The unit of the metric is unknown'],
  ['- { value: up, below: 1, unit: parsec }', 'Metric 1: Unexpected unit `parsec`'],
  ['- { value: "up{", below: 1 }', 'Metric 1: `value`: Unexpected selector `up{`'],
  [
    '- { value: "up{a=b}", below: 1 }',
    "Unexpected selector `up{a=b}`, expected a metric's name and labels such as",
  ],
  ['- { value: "up{a=~\\"[\\"}", below: 1 }', 'Unexpected pattern `[`, expected a regular expression'],
  ['- { value: up, belwo: 1 }', 'Metric 1: Unexpected `belwo`, expected ratio, quantile'],
  ['- { quantile: { histogram: x_seconds, q: 95 }, below: 1s }', 'Metric 1: `quantile.q`: '],
  ['- { rate: x_total, below: 5/s, reduce: max }', 'Metric 1: Unexpected `reduce` beside `rate`'],
  [
    '- { query: "histogram_quantile(0.9, x)", below: 1 }',
    'Metric 1: Unexpected `histogram_quantile`, which cannot see',
  ],
]

test.each(refused)('%s is refused', (text, message) => {
  expect(problemOf(parseMetricList(text))).toContain(message)
})

test.each([
  ['a metric in milliseconds and a limit in seconds', '- { value: x_milliseconds, below: 2s }', 0.001, 2],
  ['a share without a unit', '- { ratio: { bad: a_total, total: b_total }, below: 0.01 }', 1, 0.01],
  ['a query that says its unit', '- { query: "a / b", unit: "%", below: 1% }', 0.01, 0.01],
  ['bytes per second', '- { rate: x_bytes_total, above: 20 MB/s }', 1, 20_000_000],
])('%s', (_, text, factor, limit) => {
  const metrics = orThrow(parseMetricList(text))
  expect(metrics).toMatchObject([{ unit: { factor }, limit: { value: limit } }])
})

test.each<[string, Record<string, string>, boolean]>([
  ['a{code=~"5..",path!~"/health.*",empty=""}', { code: '503' }, true],
  ['a{code=~"5..",path!~"/health.*",empty=""}', { code: '5030' }, false],
  ['a{code=~"5..",path!~"/health.*",empty=""}', { code: '503', path: '/healthz' }, false],
  ['a{code=~"5..",path!~"/health.*",empty=""}', { code: '503', empty: 'x' }, false],
  ['a{"dotted.label"=~"x|y",}', { 'dotted.label': 'y' }, true],
  ['a { x = "\\x41\\u00e9\\n" }', { x: 'Aé\n' }, true],
  ['a{x=`\\n`}', { x: '\\n' }, true],
  ['a{x=~"a.b"}', { x: 'a\nb' }, true],
  ['a{x=~"(a+)+b"}', { x: 'a'.repeat(5000) }, false],
  ['b', {}, false],
])('the selector %s and the labels %j: %s', (text, labels, selected) => {
  const selector = parseSelector(text)
  if (!selector.ok) throw new Error(selector.problem.message)
  expect(selects(selector.value, { name: 'a', labels })).toBe(selected)
})

test('the selectors a query reads over a range are found, whatever their labels contain', () => {
  const query =
    'sum(rate(a{x="}[5m]"}[1m])) / sum by (color) (rate(b[1m30s])) + c{d="e"} + rate({f="g"}[5m] offset 1m) + max_over_time((h / i)[5m:1m])'
  expect(rangeSelectors(query)).toEqual(['a{x="}[5m]"}', 'b', '{f="g"}', 'h', 'i'])
})

test('a quantile lies within the bucket that holds its rank, and what is beyond all buckets is infinite', () => {
  const buckets = fc.array(fc.record({ bound: fc.integer({ min: 1, max: 1000 }), count: fc.nat(1000) }), {
    minLength: 1,
    maxLength: 12,
  })
  fc.assert(
    fc.property(buckets, fc.integer({ min: 1, max: 999 }), fc.nat(50), (drawn, thousandth, beyond) => {
      const q = thousandth / 1000
      const bounds = [...new Set(drawn.map(({ bound }) => bound))].toSorted((a, b) => a - b)
      let sum = 0
      const cumulative = bounds.map((bound, index) => ({ bound, count: (sum += drawn[index]?.count ?? 0) }))
      const all = sum + beyond
      const value = quantileOf(q, [...cumulative, { bound: Infinity, count: all }])
      if (all === 0) {
        expect(value).toBeNaN()
        return
      }
      const at = cumulative.findIndex(({ count }) => count >= q * all)
      if (at === -1) {
        expect(value).toBe(Infinity)
        return
      }
      expect(value).toBeLessThanOrEqual(bounds[at] ?? 0)
      expect(value).toBeGreaterThanOrEqual(bounds[at - 1] ?? 0)
    }),
  )
})

test('a quantile without a bucket up to infinity has no value', () => {
  expect(quantileOf(0.5, [{ bound: 1, count: 5 }])).toBeNaN()
})
