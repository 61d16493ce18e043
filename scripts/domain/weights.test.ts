import { expect, test } from 'vitest'
import { weights } from './weights.ts'

test('weights name both colors, in either order', () => {
  expect(weights.read('green=1,blue=2')).toEqual({ ok: true, value: { blue: 2, green: 1 } })
})

test.each(['blue=1', 'blue=0,green=0', 'blue=1,green=101', 'red=1,blue=1', 'blue=1,blue=1'])(
  'the weights %s are refused',
  (text) => expect(weights.read(text).ok).toBe(false),
)
