import remarkParse from 'remark-parse'
import type { Blockquote, Root } from 'mdast'
import { toString } from 'mdast-util-to-string'
import { unified } from 'unified'
import { expect, test } from 'vitest'
import { markNotices } from './mark-notices.ts'

function quoteOf(text: string): Blockquote {
  const tree: Root = unified().use(remarkParse).parse(text)
  markNotices(tree)
  return tree.children[0] as Blockquote
}

test.each([
  ['> [!WARNING]\n> Do not **restart** it.', ['Warning', 'Do not restart it.'], 'warning'],
  ['> [!note]  \n> After a hard break.', ['Note', 'After a hard break.'], 'note'],
  ['> [!CAUTION]\n>\n> A paragraph of its own.', ['Caution', 'A paragraph of its own.'], 'caution'],
  ['> [!TIP]', ['Tip'], 'tip'],
])('%j is a notice', (text, words, kind) => {
  const quote = quoteOf(text)
  expect(quote.children.map((child) => toString(child))).toEqual(words)
  expect(quote.data).toMatchObject({ hProperties: { className: ['notice', kind], role: 'note' } })
})

test.each(['> [!WARNING] on the same line', '> [!WARNING] **bold** words', '> [!OTHER]\n> x', '> a [!NOTE]'])(
  '%j stays a quotation with all its words',
  (text) => {
    const quote = quoteOf(text)
    expect(quote.data).toBeUndefined()
    expect(toString(quote)).toBe(text.replaceAll(/^> |\*\*/gm, ''))
  },
)
