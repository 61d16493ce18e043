import fc from 'fast-check'
import { expect, test } from 'vitest'
import { effort, tell } from '../../../../test/support/effort.ts'
import { leaks, redactInChunks } from '../../../../test/support/redaction.ts'

test('no form of any secret comes through, in any chunking', () => {
  let texts = 0
  fc.assert(
    fc.property(leaks, ({ secrets, chunks, needles }) => {
      const out = redactInChunks(chunks, secrets)
      for (const needle of needles) expect(out).not.toContain(needle)
      expect(out).toBe(redactInChunks([Buffer.concat(chunks)], secrets))
      texts += 1
    }),
    effort(1500, 200_000),
  )
  tell(`${texts} texts, chunkings and encodings: 0 leaks`)
})
