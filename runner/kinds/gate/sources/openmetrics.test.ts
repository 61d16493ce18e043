import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseMetrics } from './openmetrics.ts'
import type { MetricSample } from './openmetrics.ts'
import { orThrow, problemOf } from '../../../model/problem.ts'

const name = fc.stringMatching(/^[a-zA-Z_:][a-zA-Z0-9_:]{0,20}$/)
const label = fc.stringMatching(/^[a-zA-Z_][a-zA-Z0-9_]{0,12}$/)
const value = fc.oneof(fc.double(), fc.integer(), fc.constantFrom(Infinity, -Infinity, Number.NaN))
const sample = fc.record({
  name,
  labels: fc.dictionary(label, fc.string({ unit: 'grapheme' }), { maxKeys: 4, noNullPrototype: true }),
  value,
})

const escape = (text: string): string =>
  text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')

function line({ name: metric, labels, value: number }: MetricSample): string {
  const pairs = Object.entries(labels).map(([key, text]) => `${key}="${escape(text)}"`)
  const numeral = Number.isFinite(number)
    ? `${Object.is(number, -0) ? '-' : ''}${number}`
    : Number.isNaN(number)
      ? 'NaN'
      : number > 0
        ? '+Inf'
        : '-Inf'
  return `${metric}${pairs.length > 0 ? `{${pairs.join(',')}}` : ''} ${numeral}`
}

test('whatever is written as a page is read back the same, in both formats', () => {
  fc.assert(
    fc.property(fc.array(sample), fc.boolean(), (samples, openMetrics) => {
      const lines = ['# TYPE x counter', ...samples.map(line), ...(openMetrics ? ['# EOF'] : [])]
      expect(orThrow(parseMetrics(`${lines.join('\n')}\n`))).toEqual(samples)
    }),
  )
})

test('any text at all is either read or refused with its line, and never anything else', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
      const read = parseMetrics(text)
      if (!read.ok) expect(read.problem.message).toMatch(/^Line \d+: |^The page does not end/)
      else for (const { value: number } of read.value) expect(typeof number).toBe('number')
    }),
  )
})

test('an OpenMetrics page cut anywhere before its end is refused when the server says what it is', () => {
  const page = '# TYPE a counter\na_total{x="1"} 5\na_total{x="2"} 7\n# EOF\n'
  for (let length = 0; length < page.length - 1; length++)
    expect(parseMetrics(page.slice(0, length), 'application/openmetrics-text').ok).toBe(false)
  expect(orThrow(parseMetrics(page, 'application/openmetrics-text'))).toHaveLength(2)
})

test.each([
  ['a 1 1700000000', 1_700_000_000],
  ['a{b="c"} 1 1700000000123', 1_700_000_000_123],
])('the older format has times in milliseconds: %s', (text, at) => {
  expect(orThrow(parseMetrics(`${text}\n`))[0]?.at).toBe(at)
})

test('OpenMetrics has times in seconds', () => {
  expect(orThrow(parseMetrics('a 1 1700000000.5\n# EOF\n'))[0]?.at).toBe(1_700_000_000_500)
})

test('exemplars say nothing about a series', () => {
  const text = 'a_bucket{le="0.5"} 8 # {trace_id="x # y"} 0.67 1700000000.1\n# EOF\n'
  expect(orThrow(parseMetrics(text))).toEqual([{ name: 'a_bucket', labels: { le: '0.5' }, value: 8 }])
})

test.each([
  ['a', 'Line 1: Unexpected `` after `a`, expected a number'],
  ['a x', 'Line 1: Unexpected `x` after `a`, expected a number'],
  ['a 1 2 3', 'Line 1: Unexpected `1 2 3` after `a`, expected a number'],
  ['a 0x10', 'Line 1: Unexpected `0x10` after `a`, expected a number'],
  ['\na{b=c} 1', 'Line 2: Unexpected `=c} 1` in the labels, expected a quoted value'],
  ['a{b="c" d="e"} 1', 'Line 1: Unexpected `d="e"} 1` in the labels, expected `,` or `}`'],
  ['a{b="c",b="d"} 1', 'Line 1: Unexpected second label `b`, expected it once'],
  ['a{b="c"', 'Line 1: Unexpected `` in the labels, expected `,` or `}`'],
  ['<html>', "Line 1: Unexpected `<html>`, expected a metric's name"],
])('%j is refused', (text, message) => {
  expect(problemOf(parseMetrics(text))).toContain(message)
})
