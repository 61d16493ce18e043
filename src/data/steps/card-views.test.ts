import { expect, test } from 'vitest'
import { cardViews, isShort } from './card-views.ts'

test('a script is short with at most three lines as they are drawn', () => {
  expect(isShort('a\nb\nc')).toBe(true)
  expect(isShort('a\nb\nc\nd')).toBe(false)
  expect(isShort('x'.repeat(315))).toBe(true)
  expect(isShort(`${'x'.repeat(315)}y`)).toBe(false)
})

test('scripts with a role are folded, and everything else is shown', () => {
  const main = { type: 'code', code: 'true', lang: 'bash' } as const
  const undo = { ...main, label: 'undo' } as const
  const field = { type: 'field', name: 'needs', value: '1 of qa' } as const
  expect(cardViews([main, undo, field])).toEqual({ shown: [main, field], folded: [undo] })
})
