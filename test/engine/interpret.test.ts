import fc from 'fast-check'
import { expect, test } from 'vitest'
import { endure } from '../support/invariants.ts'
import { troubles } from '../support/shapes.ts'

test(
  'whatever befalls the runner, nothing happens twice and nothing is forgotten',
  { timeout: 60_000 },
  async () => {
    await fc.assert(
      fc.asyncProperty(troubles, async ([shapes, faults]) => void (await endure(shapes, faults))),
      { numRuns: 2000 },
    )
  },
)

test('a run without faults asks nobody how a step ended', async () => {
  await fc.assert(
    fc.asyncProperty(troubles, async ([shapes]) => {
      const telling = shapes.map(
        (shape) => ({ ...shape, done: shape.done === 'none' ? shape.done : 'tells' }) as const,
      )
      const { journal } = await endure(telling, [])
      expect(journal.filter(({ type }) => type === 'outcome-resolved')).toEqual([])
    }),
    { numRuns: 300 },
  )
})
