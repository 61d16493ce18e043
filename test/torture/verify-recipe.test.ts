import { test } from 'vitest'
import { expectAgreement } from '../support/attack/agreement.ts'

test('the shell recipe and verify agree on hundreds of good runs and each attack four times', async () => {
  await expectAgreement(216, 4)
}, 3_600_000)
