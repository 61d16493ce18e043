import { expect } from 'vitest'
import { testInNode } from '../../support/in-node.ts'
import { manyKills } from '../../support/attack/random-kills.ts'

testInNode('runs that are killed at random moments lose nothing, double nothing, and verify', async () => {
  // The long form is in test/torture.
  expect((await manyKills([1, 2, 3, 4])).kills).toBeGreaterThan(1)
})
