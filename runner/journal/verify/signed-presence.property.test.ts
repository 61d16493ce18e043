import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { effort } from '../../../test/support/effort.ts'
import {
  armored,
  presenceByRecipe,
  presenceHere,
  vector,
  vectorsSay,
} from '../../../test/support/presence-recipe.ts'

interface Change {
  kind: 'replace' | 'flip' | 'insert' | 'cut'
  /** Where, as a share of the length. */
  at: number
  value: number
}

const change: fc.Arbitrary<Change> = fc.record({
  kind: fc.constantFrom('replace', 'flip', 'insert', 'cut'),
  at: fc.integer({ min: 0, max: 9999 }).map((place) => place / 10_000),
  value: fc.integer({ min: 0, max: 255 }),
})

function applied(blob: Buffer, { kind, at: share, value }: Change): Buffer {
  const at = Math.floor(share * blob.length)
  const [before, here, after] = [blob.subarray(0, at), blob[at] ?? 0, blob.subarray(at + 1)]
  const bytes = {
    replace: [value],
    flip: [here ^ (1 << (value % 8))],
    insert: [value, here],
    cut: [],
  }
  return Buffer.concat([before, Buffer.from(bytes[kind]), after])
}

const damaged = fc
  .tuple(
    fc.constantFrom(...Object.keys(vectorsSay)),
    fc.array(change, { minLength: 1, maxLength: 3, size: 'max' }),
  )
  .map(([name, changes]) => {
    const whole = Buffer.from(vector(name).signature.replaceAll(/-----.*-----|\n/g, ''), 'base64')
    return armored(changes.reduce(applied, whole))
  })

test('the recipe reads of damaged signatures what we read', () => {
  const signatures = fc.sample(damaged, effort(600, 10_000))
  const here = signatures.map(presenceHere)
  expect(presenceByRecipe(signatures)).toEqual(here)
  expect(new Set(here.map((one) => JSON.stringify(one))).size).toBeGreaterThan(4)
})
