import { expect, test } from 'vitest'
import { lastLine } from './last-line.ts'

test('the last line is that of the first text that has one', () => {
  expect(lastLine('one\r\ntwo\n\n', 'three')).toBe('two')
  expect(lastLine(' \n', 'three\nfour')).toBe('four')
  expect(lastLine('', '')).toBe('')
})
