import fc from 'fast-check'
import { expect, test } from 'vitest'
import { endure } from '../support/invariants.ts'
import { troubles } from '../support/shapes.ts'

/** Give a seed in SEED to see a failure again. */
const seed = Number(process.env['SEED'] ?? Date.now() % 2 ** 31)

test('100,000 random plans with crashes', { timeout: 3_600_000 }, async () => {
  let [plans, crashes, answers] = [0, 0, 0]
  await fc.assert(
    fc.asyncProperty(troubles, async ([shapes, faults]) => {
      const { journal, faults: left } = await endure(shapes, faults)
      plans += 1
      crashes += faults.length - left.length
      answers += journal.filter(({ type }) => type === 'outcome-resolved').length
    }),
    { numRuns: 100_000, seed },
  )
  process.stdout.write(`seed ${seed}: ${plans} plans, ${crashes} crashes, ${answers} asked of a person\n`)
  expect(crashes).toBeGreaterThan(50_000)
})
