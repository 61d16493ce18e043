import { expect, test } from 'vitest'
import { cardViews, isShort, mostLines } from './card-views.ts'

test('a script is short by the number of drawn lines, and may have more in a short runbook', () => {
  expect([mostLines(12), mostLines(13)]).toEqual([8, 3])
  expect(isShort('a\nb\nc', 3)).toBe(true)
  expect(isShort('a\nb\nc\nd', 3)).toBe(false)
  expect(isShort('x'.repeat(315), 3)).toBe(true)
  expect(isShort(`${'x'.repeat(315)}y`, 3)).toBe(false)
})

test('scripts with a role are folded, and everything else is shown', () => {
  const main = { type: 'code', code: 'true', lang: 'bash' } as const
  const undo = { ...main, label: 'undo' } as const
  const field = { type: 'field', name: 'needs', value: '1 of qa' } as const
  expect(cardViews([main, undo, field])).toEqual({ shown: [main, field], folded: [undo] })
})
