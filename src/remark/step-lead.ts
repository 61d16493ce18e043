import type { Nodes, Paragraph, PhrasingContent, RootContent } from 'mdast'
import { toString } from 'mdast-util-to-string'

type Block = RootContent

export interface Lead {
  shown: Block[]
  folded: Block[]
}

/**
 * Divides the prose of a step: what is shown beside its command, and what is folded. Text of at most `room` characters
 * is shown whole. Of a longer one the first sentences that fit are shown, at least one; task lists are always shown.
 */
export function divideProse(blocks: readonly Block[], room: number): Lead {
  const prose = blocks.filter((block) => !isTasks(block))
  if (prose.reduce((sum, block) => sum + toString(block).length, 0) <= room)
    return { shown: [...blocks], folded: [] }
  const [first] = prose
  const lead = first?.type === 'paragraph' ? cut(first, room) : { shown: [], folded: first ? [first] : [] }
  return {
    shown: blocks.flatMap((block) => (block === first ? lead.shown : isTasks(block) ? [block] : [])),
    folded: [...lead.folded, ...prose.slice(1)],
  }
}

function isTasks(block: Block): boolean {
  return block.type === 'list' && block.children.some(({ checked }) => typeof checked === 'boolean')
}

/** The end of a sentence: a lower-case word after it continues an abbreviation. */
const sentenceEnd = /[.!?](?=\s+[^\s\p{Ll}]|\s*$)|[。！？]/gu

/** Cuts a paragraph after the last sentence that fits, which is the first one when none does. */
function cut(paragraph: Paragraph, room: number): Lead {
  const ends: { child: number; at: number; length: number }[] = []
  let before = 0
  for (const [child, node] of paragraph.children.entries()) {
    if (node.type === 'text')
      for (const match of node.value.matchAll(sentenceEnd)) {
        const at = match.index + 1
        ends.push({ child, at, length: before + at })
      }
    before += toString(node).length
  }
  const end = ends.findLast(({ length }) => length <= room) ?? ends[0]
  if (!end || end.length >= before) return { shown: [paragraph], folded: [] }
  const at = paragraph.children[end.child]
  const text = at?.type === 'text' ? at.value : ''
  return {
    shown: [part(paragraph, [...paragraph.children.slice(0, end.child), words(text.slice(0, end.at))])],
    folded: [
      part(paragraph, [words(text.slice(end.at).trimStart()), ...paragraph.children.slice(end.child + 1)]),
    ],
  }
}

function part(paragraph: Paragraph, children: PhrasingContent[]): Paragraph {
  return {
    ...paragraph,
    children: children.filter((node: Nodes) => node.type !== 'text' || node.value !== ''),
  }
}

function words(value: string): PhrasingContent {
  return { type: 'text', value }
}
