import { expect, test } from 'vitest'
import { readCast, sizeOf } from './read-cast.ts'
import { makeTerminal } from './replay-terminal.ts'

function screenOf(text: string | string[], columns = 10, rows = 4): string[] {
  const terminal = makeTerminal(columns, rows)
  for (const part of [text].flat()) terminal.write(part)
  return terminal.screen().map((line) =>
    line
      .map(({ char }) => char)
      .join('')
      .trimEnd(),
  )
}

const esc = '\u001B'

test.each<[string, string | string[], string[]]>([
  ['lines scroll when the screen is full', 'a\r\nb\r\nc\r\nd\r\ne', ['b', 'c', 'd', 'e']],
  ['a long line goes on in the next', '0123456789ab', ['0123456789', 'ab', '', '']],
  ['a progress line is written over', '10%\r99%\r100%', ['100%', '', '', '']],
  ['the cursor goes where it is sent', `${esc}[2;3Hx${esc}[A${esc}[Dy`, ['  y', '  x', '', '']],
  ['lines and the screen are erased', `abc${esc}[2D${esc}[K\r\nq${esc}[1J`, ['', '', '', '']],
  ['the alternate screen leaves what was before', `ab${esc}[?1049hfull${esc}[?1049lc`, ['abc', '', '', '']],
  ['a sequence cut between two events is one', ['a', esc, '[', '1;1', 'Hb'], ['b', '', '', '']],
  [
    'titles and unknown sequences print nothing',
    `${esc}]0;t\u0007${esc}[>4;2m${esc}(Bok`,
    ['ok', '', '', ''],
  ],
  [
    'a scroll region keeps the lines around it',
    `top\r\n${esc}[2;3r${esc}[2;1Ha\r\nb\r\nc`,
    ['top', 'b', 'c', ''],
  ],
  [
    'characters and lines are put in and taken out',
    `abc${esc}[1G${esc}[Pz${esc}[@y${esc}[L`,
    ['', 'zyc', '', ''],
  ],
])('%s', (_, text, lines) => {
  expect(screenOf(text)).toEqual(lines)
})

test('hostile numbers cost nothing and lead nowhere', () => {
  const text = `${esc}[999999999B${esc}[999999999C${esc}[999999999S${esc}[999999999@${esc}[999999999Lx`
  expect(screenOf(text).join('').length).toBeLessThanOrEqual(10)
})

test('a recording is read with long pauses cut short and broken lines left out', () => {
  const cast = readCast(
    '{"version":3,"term":{"cols":80,"rows":24}}\n# note\n[0.5,"o","a"]\n[600,"o","b"]\n[1,"x","0"]\n[0.1,"o',
  )
  expect(cast.moments.map(({ at, code }) => [at, code])).toEqual([
    [0.5, 'o'],
    [2.5, 'o'],
    [3.5, 'x'],
  ])
  expect(() => readCast('{"version":2,"width":80}')).toThrow('not asciicast v3')
  expect(() => readCast('{"version":3,"term":{"cols":1e9,"rows":24}}')).toThrow('not asciicast v3')
  expect([sizeOf('90x30'), sizeOf('0x0'), sizeOf('x')]).toEqual([[90, 30], undefined, undefined])
})
