import { expect, test } from 'vitest'
import { expectDetected } from '../../support/attack/tampered-runs.ts'

test('each of 60 tamperings is found by verify, recipe and audit, or is of the class the documentation names', async () => {
  // The long form is in test/torture.
  const { detected, named } = await expectDetected(60)
  expect(detected).toBeGreaterThan(40)
  expect(named).toBeLessThan(20)
})
