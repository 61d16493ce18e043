import fc from 'fast-check'
import { expect, test } from 'vitest'
import { effort, tell } from '../../../test/support/effort.ts'
import { endure } from '../../../test/support/imaginary/invariants.ts'
import { troubles } from '../../../test/support/imaginary/shapes.ts'

test('random plans with crashes: nothing happens twice and nothing is forgotten', async () => {
  let [plans, crashes, answers] = [0, 0, 0]
  await fc.assert(
    fc.asyncProperty(troubles, async ([shapes, faults]) => {
      const { journal, faults: left } = await endure(shapes, faults)
      plans += 1
      crashes += faults.length - left.length
      answers += journal.filter(({ type }) => type === 'outcome-resolved').length
    }),
    effort(2000, 100_000),
  )
  tell(`${plans} plans, ${crashes} crashes, ${answers} asked of a person`)
  expect(crashes).toBeGreaterThan(plans / 2)
})

test('a run without faults asks no person how a step ended', async () => {
  await fc.assert(
    fc.asyncProperty(troubles, async ([shapes]) => {
      const telling = shapes.map(
        (shape) => ({ ...shape, done: shape.done === 'none' ? shape.done : 'tells' }) as const,
      )
      const { journal } = await endure(telling, [])
      expect(journal.filter(({ type }) => type === 'outcome-resolved')).toEqual([])
    }),
    effort(300, 10_000),
  )
})
