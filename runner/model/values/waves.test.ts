import { expect, test } from 'vitest'
import { failuresOf, readAmount, readWaves, waveSizes } from './waves.ts'

const sizes = (text: string, total: number) => {
  const waves = readWaves(text)
  return waves.ok ? waveSizes(waves.value, total) : waves
}

test.each([
  ['1,10%,50%,100%', 1000, [1, 99, 400, 500]],
  ['1,10%,50%,100%', 3, [1, 1, 1]],
  ['100%', 7, [7]],
  ['2, 4, 9', 6, [2, 2, 2]],
  ['33.3%,66.6%,100%', 10, [4, 3, 3]],
])('waves %s of %d targets are %j', (text, total, expected) => {
  expect(sizes(text, total)).toEqual({ ok: true, value: expected })
})

test.each(['', '0', '1,,2', '110%', '-1', '1.5', 'rest', '0%', '1e3'])('waves `%s` are refused', (text) => {
  expect(readWaves(text).ok).toBe(false)
})

test('waves that leave targets out are refused', () => {
  const outcome = sizes('1,50%', 10)
  expect(outcome.ok ? '' : outcome.problem.message).toBe('The waves reach 5 of 10 targets')
})

test.each([
  ['5%', 1000, 50],
  ['5%', 10, 1],
  ['3', 10, 3],
  ['0.1%', 5000, 5],
])('a budget of %s of %d targets is %d', (text, total, expected) => {
  const amount = readAmount(text)
  expect(amount.ok && failuresOf(amount.value, total)).toBe(expected)
})
