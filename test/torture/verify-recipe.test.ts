import { expect, test } from 'vitest'
import { expectAgreement } from '../support/attack/agreement.ts'

test('the shell recipe and verify agree on 216 good and 406 tampered runs', async () => {
  expect(await expectAgreement(216, 4)).toEqual({ good: 216, tampered: 406 })
})
