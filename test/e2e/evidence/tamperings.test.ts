import { expect, test } from 'vitest'
import { expectFound } from '../../support/attack/tampered-runs.ts'

test('each of 60 tamperings is found by verify, recipe and audit, or is of the class the documentation names', async () => {
  // The long form is in test/torture.
  const { found, named } = await expectFound(60)
  expect(found).toBeGreaterThan(40)
  expect(named).toBeLessThan(20)
})
