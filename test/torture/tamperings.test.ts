import { expect, test } from 'vitest'
import { expectFound } from '../support/tampered-runs.ts'

const seed = Number(process.env['SEED'] ?? Date.now() % 2 ** 31)

test('each of 1,000 tamperings is found by verify, recipe and audit, or is of the class the documentation names', async () => {
  const { found, named, keyed } = await expectFound(1000, seed)
  process.stdout.write(
    `seed ${seed}: ${found} found, ${keyed} of them signed anew; ${named} of the named class\n`,
  )
  expect(found).toBeGreaterThan(700)
}, 3_600_000)
