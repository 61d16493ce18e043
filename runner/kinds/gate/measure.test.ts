import { expect, test } from 'vitest'
import { measure } from './measure.ts'
import type { QueryAnswer } from './measure.ts'
import type { Metric, Reduce } from './metric.ts'
import type { Snapshot } from './snapshot.ts'
import { success } from '../../model/problem.ts'

const unit = { factor: 1 } as Metric['unit']

function verdict(values: readonly number[], reduce?: Reduce): [string, number | undefined] {
  const how = { type: 'query', query: 'q', ...(reduce === undefined ? {} : { reduce }) } as Metric['measure']
  const limit = { side: 'below', text: '5', value: 5, unit } as const
  const metric: Metric = { name: 'm', measure: how, unit, limit, expect: [] }
  const answer: QueryAnswer = { values: values.map((value) => ({ labels: {}, value })) }
  const reading = { snapshot: {} as Snapshot, answers: new Map([['q', success(answer)]]), notes: [] }
  const { verdict: result, value } = measure(metric, reading, undefined, 0)
  return [result, value]
}

test('many series come to one value, as many as a server may answer with', () => {
  expect(verdict([1, 9, 2], 'all')).toEqual(['violation', 9])
  expect(verdict([1, 9, 2], 'any')).toEqual(['ok', 1])
  expect(verdict([1, 2], 'sum')).toEqual(['ok', 3])
  expect(
    verdict(
      Array.from({ length: 300_000 }, () => 1),
      'max',
    ),
  ).toEqual(['ok', 1])
})

test('a missing value, and a value that is not a number, count as no data and never pass', () => {
  for (const reduce of [undefined, 'all', 'any', 'max', 'min', 'sum'] as const) {
    expect(verdict([], reduce)).toEqual(['no-data', undefined])
    expect(verdict([Number.NaN], reduce)).toEqual(['no-data', undefined])
  }
})
