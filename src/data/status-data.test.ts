import { expect, test } from 'vitest'
import { percent } from './status-data.ts'

test.each([
  [1, '100 %'],
  [0.9995, '99.95 %'],
  [0.995123, '99.512 %'],
  [0.5, '50 %'],
  [0, '0 %'],
  // A moment of outage is not hidden by rounding.
  [0.999_999_9, '99.999 %'],
])('a share of %s is written as %s, with the digits that it has', (share, words) => {
  expect(percent(share)).toBe(words)
})
