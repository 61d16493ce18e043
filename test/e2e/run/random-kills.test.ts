import { expect, test } from 'vitest'
import { manyKills } from '../../support/attack/random-kills.ts'

test('runs that are killed at random moments lose nothing, double nothing, and verify', async () => {
  // The long form is in test/torture.
  expect((await manyKills([1, 2, 3, 4])).kills).toBeGreaterThan(1)
})
