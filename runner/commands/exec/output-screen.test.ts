import { expect, test } from 'vitest'
import { outputScreen } from './output-screen.ts'

function screen(quiet = false) {
  const lines: string[] = []
  const io = { quiet, note: (line: string) => lines.push(line), style: (_: string, text: string) => text }
  return { lines, screen: outputScreen(io as never, false) }
}

test('output without a newline is printed in pieces, without loss', () => {
  const { lines, screen: shown } = screen()
  for (let part = 0; part < 20; part++) shown.show('dump', Buffer.alloc(16_384, 'a'), 0)
  expect(lines.length).toBeGreaterThan(1)
  shown.end()
  expect(lines.map((line) => line.replace('  dump │ ', '')).join('')).toBe('a'.repeat(20 * 16_384))
})

test('a line that comes in two parts is printed once', () => {
  const { lines, screen: shown } = screen()
  shown.show('greet', Buffer.from('hel'), 0)
  shown.show('greet', Buffer.from('lo\nnext'), 0)
  expect(lines).toEqual(['  greet │ hello'])
  shown.end()
  expect(lines).toEqual(['  greet │ hello', '  greet │ next'])
})

test('a quiet call spends nothing on output that it does not print', () => {
  const { lines, screen: shown } = screen(true)
  shown.show('dump', Buffer.alloc(200_000, 'a'), 7)
  shown.end()
  expect(lines).toEqual([])
})
