import { expect, test } from 'vitest'
import { difference, hunks } from './difference.ts'

function written(before: string, after: string): string[] {
  return hunks(difference(before, after), 1).map((line) =>
    line === 'gap' ? '…' : `${line.sign}${line.text}`,
  )
}

test('shows what left and what came, with a line around', () => {
  expect(written('a\nb\nc\nd\ne\nf', 'a\nb\nX\nd\ne\nf')).toEqual([' b', '-c', '+X', ' d', '…'])
})

test('shows nothing of equal texts', () => {
  expect(written('a\nb', 'a\nb')).toEqual([])
})
