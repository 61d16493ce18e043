import { expect, test } from 'vitest'
import { expectDetected } from '../../support/attack/tampered-runs.ts'

test('each of 30 tamperings is found by verify, recipe and audit, or is of the class the documentation names', async () => {
  // The long form is in test/torture.
  const { detected, named } = await expectDetected(30)
  expect(detected).toBeGreaterThan(20)
  expect(named).toBeLessThan(10)
})
