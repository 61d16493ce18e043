import { expect, test } from 'vitest'
import type { Series } from '../journal/story/series.ts'
import { chart, ticks } from './gate-chart.ts'

const series: Series = {
  name: 'failed requests',
  query: 'errors / requests',
  side: 'below',
  limitText: '1%',
  limit: 1,
  unit: '%',
  points: [
    { at: '2026-11-20T08:14:00.000Z', verdict: 'ok', value: 0.2 },
    { at: '2026-11-20T08:14:30.000Z', verdict: 'no-data', value: undefined },
    { at: '2026-11-20T08:15:00.000Z', verdict: 'violation', value: 2 },
  ],
}

const words = (one: Series): string[] =>
  [...chart(one).markup.matchAll(/<text[^>]*>([^<]*)</g)].map(([, text = '']) => text.trim())

test('a chart has values with their unit, times, and the limit', () => {
  expect(words(series)).toEqual(['0', '1 %', '2 %', '08:14:00', '08:15:00 UTC', 'below 1%'])
  expect(words({ ...series, unit: '', points: series.points.slice(0, 1) })).toContain('0.5')
})

test('each point says its time and value', () => {
  const titles = [...chart(series).markup.matchAll(/<title>([^<]*)</g)].map(([, text]) => text)
  expect(titles).toEqual(['08:14:00: 0.2 %', '08:14:30: no value', '08:15:00: 2 %'])
})

test('the axis has round values from zero to at most the highest', () => {
  expect(ticks(1.1)).toEqual([0, 0.5, 1])
  expect(ticks(880)).toEqual([0, 250, 500, 750])
  expect(ticks(0.00033)).toEqual([0, 0.0001, 0.0002, 0.0003])
})

test('a limit that is not a number is not drawn, and every value has a place', () => {
  const { markup } = chart({ ...series, limit: Number.NaN })
  expect(markup).not.toContain('class="limit"')
  expect(markup).not.toMatch(/="[^"]*NaN/)
})
