import { expect, test } from 'vitest'
import { expectAgreement } from '../support/agreement.ts'

test('the shell recipe and verify agree on good runs and on every attack', async () => {
  // The long form, with hundreds of each, is in test/torture.
  expect(await expectAgreement(30, 1)).toEqual({ good: 30, tampered: 65 })
}, 180_000)
