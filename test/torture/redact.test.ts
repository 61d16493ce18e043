import fc from 'fast-check'
import { expect, test } from 'vitest'
import { leaks, redactInChunks } from '../support/redaction.ts'

const seed = Number(process.env['SEED'] ?? Date.now() % 2 ** 31)

test('200,000 random texts, chunkings and encodings: no leak', { timeout: 3_600_000 }, () => {
  fc.assert(
    fc.property(leaks, ({ secrets, chunks, needles }) => {
      const out = redactInChunks(chunks, secrets)
      if (needles.some((needle) => out.includes(needle))) throw new Error(`leak: ${JSON.stringify(out)}`)
      if (out !== redactInChunks([Buffer.concat(chunks)], secrets)) throw new Error('depends on chunking')
    }),
    { numRuns: 200_000, seed },
  )
  process.stdout.write(`seed ${seed}: 200000 texts, 0 leaks\n`)
  expect(seed).toBeGreaterThanOrEqual(0)
})
