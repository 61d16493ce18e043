import { expect, test } from 'vitest'
import { makeFormTokens } from './form-tokens.ts'

const alice = { id: 'a' }
const bob = { id: 'b' }

test('a token is good for its session and subject, for a day, and once', () => {
  let at = 1_000_000
  const tokens = makeFormTokens(() => at)
  const token = tokens.issue(alice, ['answer', 'run-1', '7'])
  expect(tokens.fits(alice, ['answer', 'run-1', '7'], token)).toBe(true)
  expect(tokens.fits(bob, ['answer', 'run-1', '7'], token)).toBe(false)
  expect(tokens.fits(alice, ['stop', 'run-1', '7'], token)).toBe(false)
  expect(tokens.fits(alice, ['answer', 'run-1', '8'], token)).toBe(false)
  for (const more of ['x', '.', '.x', '=', ' '])
    expect(tokens.fits(alice, ['answer', 'run-1', '7'], token + more)).toBe(false)
  expect(makeFormTokens().fits(alice, ['answer', 'run-1', '7'], token)).toBe(false)
  expect([tokens.use(token), tokens.use(token)]).toEqual([true, false])
  at += 25 * 3_600_000
  expect(tokens.fits(alice, ['answer', 'run-1', '7'], token)).toBe(false)
})
