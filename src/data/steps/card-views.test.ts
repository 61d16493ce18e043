import { expect, test } from 'vitest'
import { cardRoom, cardViews, foldNames, isShort } from './card-views.ts'

const script = { type: 'code', code: 'true', lang: 'bash' } as const
const undo = { ...script, label: 'undo' } as const
const done = { ...script, label: 'done when' } as const
const field = { type: 'field', name: 'needs', value: '1 of qa' } as const
const whole = { lines: 8, isBrief: false }
const brief = { lines: 3, isBrief: true }

test('a script is short by the number of drawn lines', () => {
  expect(isShort('a\nb\nc', 3)).toBe(true)
  expect(isShort('a\nb\nc\nd', 3)).toBe(false)
  expect(isShort('x'.repeat(315), 3)).toBe(true)
  expect(isShort(`${'x'.repeat(315)}y`, 3)).toBe(false)
})

test('a long runbook is an overview, except where an alert leads to it', () => {
  expect(cardRoom(12, false)).toEqual(whole)
  expect(cardRoom(13, false)).toEqual(brief)
  expect(cardRoom(13, true)).toEqual({ lines: 3, isBrief: false })
})

test('scripts with a role are folded, and everything else is shown', () => {
  expect(cardViews([script, undo, field], { effect: 'write' }, whole)).toEqual({
    shown: [script, field],
    folded: [undo],
  })
})

test('a brief card folds all that a program does, but shows all that a person does', () => {
  expect(cardViews([script, undo], { effect: 'write' }, brief).shown).toEqual([])
  expect(cardViews([field], { effect: 'none' }, brief).shown).toEqual([field])
})

test('a fold is named by its scripts, requests and conditions, each once', () => {
  expect(foldNames([script, done, undo, undo])).toEqual(['Script', 'done', 'undo'])
  expect(foldNames([{ ...script, lang: 'http' }, field])).toEqual(['Http'])
  expect(foldNames([{ type: 'list', items: ['up above 0'] }])).toEqual(['Conditions'])
  expect(foldNames([])).toEqual([])
})
