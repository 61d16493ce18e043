import { expect, test } from 'vitest'
import * as z from 'zod'
import { firstIssue } from './first-issue.ts'

const schema = z.object(
  { days: z.object({ first: z.number('expected a number') }), zone: z.enum(['eu', 'us']).optional() },
  'expected a map',
)

test.each([
  ['a field by its path', { days: { first: 'Monday' } }, '`days.first`: expected a number'],
  [
    'a choice by what it can be',
    { days: { first: 1 }, zone: 'europe' },
    '`zone`: Unexpected value, expected one of `eu`, `us`',
  ],
  ['a whole value without a path', 'Monday', 'expected a map'],
])('the first thing that a schema refuses is told of %s', (_, value, words) => {
  expect(firstIssue(schema.safeParse(value).error!)).toBe(words)
})
