import { expect, test } from 'vitest'
import { ansiSpans } from './ansi.ts'

const esc = '\u001B'

test('colors become classes', () => {
  expect(ansiSpans(`a ${esc}[1;31mred${esc}[0m b`)).toEqual([
    { text: 'a ', classes: '' },
    { text: 'red', classes: 'bold red' },
    { text: ' b', classes: '' },
  ])
})

test('256 and true colors take the nearest of the eight, with colons as well', () => {
  expect(ansiSpans(`${esc}[38;5;196mx`)).toEqual([{ text: 'x', classes: 'red' }])
  expect(ansiSpans(`${esc}[38:2::0:200:0mx`)).toEqual([{ text: 'x', classes: 'green' }])
})

test('titles, links, cursor moves and bells are dropped, and their text is kept', () => {
  expect(
    ansiSpans(
      `${esc}]0;title\u0007a${esc}[2K${esc}[1Ab${esc}]8;;http://x${esc}\\link${esc}]8;;${esc}\\\u0007`,
    ),
  ).toEqual([{ text: 'ablink', classes: '' }])
})

test('a progress line shows what it said last', () => {
  expect(ansiSpans('10%\r50%\r100%\ndone\r\n')).toEqual([{ text: '100%\ndone\n', classes: '' }])
})
