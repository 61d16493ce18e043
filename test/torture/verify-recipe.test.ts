import { expect, test } from 'vitest'
import { expectAgreement } from '../support/agreement.ts'

test('the shell recipe and verify agree on 208 good and 208 tampered runs', async () => {
  expect(await expectAgreement(208, 4)).toEqual({ good: 208, tampered: 208 })
})
