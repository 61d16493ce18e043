import { toString } from 'mdast-util-to-string'
import remarkGfm from 'remark-gfm'
import remarkParse from 'remark-parse'
import { unified } from 'unified'
import { expect, test } from 'vitest'
import { divideProse } from './step-lead.ts'

/** The shown and the folded blocks of a text, as plain words. */
function divided(text: string, room: number): [shown: string[], folded: string[]] {
  const { children } = unified().use(remarkParse).use(remarkGfm).parse(text)
  const { shown, folded } = divideProse(children, room)
  return [shown.map((node) => toString(node)), folded.map((node) => toString(node))]
}

test('a short text is shown whole', () => {
  expect(divided('One. Two.\n\nThree.', 40)).toEqual([['One. Two.', 'Three.'], []])
})

test('of a long text the first sentences that fit are shown, and the rest is folded', () => {
  expect(divided('It reads `x.y` first. Then it writes. This is long.\n\nMore.', 40)).toEqual([
    ['It reads x.y first. Then it writes.'],
    ['This is long.', 'More.'],
  ])
})

test('at least one sentence is shown, and an abbreviation ends none', () => {
  const first = 'A switch, e.g. the one of the lab, is asked which color is live.'
  expect(divided(`${first} Then more.`, 10)).toEqual([[first], ['Then more.']])
})

test('a sentence that ends before code, and one in Chinese, are ends too', () => {
  expect(divided('Look first. `runbook log` shows it, and this is long.', 20)).toEqual([
    ['Look first.'],
    ['runbook log shows it, and this is long.'],
  ])
  expect(divided('先看状态。然后继续写很多很多的字。', 6)).toEqual([
    ['先看状态。'],
    ['然后继续写很多很多的字。'],
  ])
})

test('task lists are always shown, in their place', () => {
  expect(
    divided('Ask before you tick. A long explanation follows here.\n\n- [ ] one\n- [ ] two', 20),
  ).toEqual([['Ask before you tick.', 'onetwo'], ['A long explanation follows here.']])
})

test('a text that begins with a list or a table is folded when it is long', () => {
  expect(divided('- one\n- two\n- three', 5)).toEqual([[], ['onetwothree']])
})
