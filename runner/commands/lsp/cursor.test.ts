import { expect, test } from 'vitest'
import { cursorAt, wordAt } from './cursor.ts'

test.each([
  ['<', { at: 'element' }],
  ['text\n\n  <', { at: 'element' }],
  ['<Command ', { at: 'attribute', element: 'Command', before: [] }],
  [
    '<Command id="a"\n  when=\'x > 1\' min={2} ',
    { at: 'attribute', element: 'Command', before: ['id', 'when', 'min'] },
  ],
  ['<Command effect="', { at: 'value', element: 'Command', attribute: 'effect' }],
  ['<Command title="a > b', { at: 'value', element: 'Command', attribute: 'title' }],
  ['<Command id="a">', undefined],
  ['<Wait id="a" />\n\n<Gate ', { at: 'attribute', element: 'Gate', before: [] }],
  ['a < b', undefined],
  ['---\ntitle: x\n<', undefined],
  ['---\ntitle: x\n---\n\n<', { at: 'element' }],
  ['```bash\n<', undefined],
  ['```bash\necho "$', { at: 'variable' }],
  ['```bash\necho "${', { at: 'variable' }],
  ['````md\n```\n````\n<', { at: 'element' }],
  ['```http\nGET https://${{ inputs.', { at: 'reference', scope: 'inputs' }],
  ['<Gate source="${{ ', { at: 'reference', scope: undefined }],
])('after %j the words of that place are offered', (before, cursor) => {
  expect(cursorAt(before, true)).toEqual(cursor)
})

test('plain Markdown has no elements', () => {
  expect(cursorAt('<', false)).toBeUndefined()
  expect(cursorAt('```bash\necho $', false)).toEqual({ at: 'variable' })
})

test('a word is found from its beginning, its middle and its end', () => {
  for (const offset of [1, 4, 8]) expect(wordAt('<Command id', offset)).toEqual({ start: 1, end: 8 })
  expect(wordAt('', 0)).toEqual({ start: 0, end: 0 })
})
