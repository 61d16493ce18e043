import { expect, test } from 'vitest'
import { expectDetected } from '../support/attack/tampered-runs.ts'

/** Give a number in COUNT for fewer, and a seed in SEED to see a failure again. */
const count = Number(process.env['COUNT'] ?? 1000)
const seed = Number(process.env['SEED'] ?? Date.now() % 2 ** 31)

test('each of a thousand tamperings is found by verify, recipe and audit, or is of the class the documentation names', async () => {
  const { detected, named, keyed } = await expectDetected(count, seed)
  process.stdout.write(
    `seed ${seed}: ${detected} found, ${keyed} of them signed anew; ${named} of the named class\n`,
  )
  expect(detected).toBeGreaterThan(count * 0.7)
}, 3_600_000)
