import { expect, test } from 'vitest'
import { manyKills } from '../support/attack/random-kills.ts'

/** Give a number in COUNT for fewer, and a seed in SEED to see a failure again. */
const count = Number(process.env['COUNT'] ?? 350)
const seed = Number(process.env['SEED'] ?? Date.now() % 2 ** 31)

test('five hundred kills at random moments: nothing lost, nothing doubled, and every run verifies', async () => {
  const { kills, asked, runs } = await manyKills(Array.from({ length: count }, (_, index) => seed + index))
  process.stdout.write(`seed ${seed}: ${kills} kills, ${asked} asked of a person, ${runs} runs verified\n`)
  expect(kills).toBeGreaterThan(count)
}, 7_200_000)
