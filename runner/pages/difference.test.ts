import { expect, test } from 'vitest'
import { difference } from './difference.ts'

const shown = (before: string, after: string): string[] =>
  difference(before, after).map((line) => (line === 'gap' ? '…' : line.sign + line.text))

test('lines that left and came are shown with the lines around them, and a gap for the rest', () => {
  const before = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].join('\n')
  expect(shown(before, before.replace('e', 'E'))).toEqual(['…', ' c', ' d', '-e', '+E', ' f', ' g'])
  expect(shown('a\nb\n', 'a\nb\nc\n')).toEqual([' a', ' b', '+c'])
  expect(shown('a\n', 'a\n')).toEqual([])
})

test('a missing newline at the end is not a line of its own', () => {
  expect(shown('a\nb', 'a\nc')).toEqual([' a', '-b', '+c'])
})

test('two long texts without a line in common are compared at once', () => {
  const lines = (name: string): string =>
    Array.from({ length: 20_000 }, (_, at) => `${name} ${at}`).join('\n')
  const began = process.cpuUsage()
  expect(shown(lines('before'), lines('after'))).toHaveLength(40_000)
  // In time of the processor, which a busy machine does not stretch.
  expect(process.cpuUsage(began).user / 1e6).toBeLessThan(5)
})
