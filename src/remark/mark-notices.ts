import type { Blockquote, Root } from 'mdast'
import { descendants } from '../../runner/model/text/tree.ts'

const marker = /^\[!(NOTE|TIP|IMPORTANT|WARNING|CAUTION)\][ \t]*(?:\n|$)/i

/**
 * Makes notices of `> [!WARNING]` and its kin, as GitHub shows them: the marker must stand alone on the first line.
 * Words behind it make it an ordinary quotation there and here, so that none of them is lost.
 */
export function markNotices(tree: Root): void {
  for (const quote of descendants(tree, 'blockquote')) markOne(quote)
}

function markOne(quote: Blockquote): void {
  const [paragraph] = quote.children
  const [first] = paragraph?.type === 'paragraph' ? paragraph.children : []
  if (paragraph?.type !== 'paragraph' || first?.type !== 'text') return
  const [all = '', kind] = marker.exec(first.value) ?? []
  if (kind === undefined) return
  const isAlone =
    all.endsWith('\n') || (first.value === all && (paragraph.children[1]?.type ?? 'break') === 'break')
  if (!isAlone) return
  first.value = first.value.slice(all.length)
  if (first.value === '') paragraph.children.splice(0, paragraph.children[1]?.type === 'break' ? 2 : 1)
  if (paragraph.children.length === 0) quote.children.shift()
  const name = kind.toLowerCase()
  quote.data = { hName: 'div', hProperties: { className: ['notice', name], role: 'note' } }
  quote.children.unshift({
    type: 'paragraph',
    children: [
      { type: 'strong', children: [{ type: 'text', value: `${name[0]?.toUpperCase()}${name.slice(1)}` }] },
    ],
  })
}
