import type { Root } from 'mdast'
import { descendants } from '../../runner/model/tree.ts'

const tags = /<\/?(?:script|style|iframe|object|embed|form|base|link|meta)\b[^>]*>/gi
const attributes = /(<[a-z][^<>]*?)\s(?:style|on[a-z]+)\s*=\s*(?:"[^"]*"|'[^']*'|[^\s>]+)/gi

/**
 * Takes out of a Markdown document's HTML what acts or restyles. The page's policy refuses it in any case; without
 * this a document of another time would stop the build instead of being read.
 */
export function makeInert(tree: Root): void {
  for (const node of descendants(tree, 'html')) {
    let before: string
    do {
      before = node.value
      node.value = before.replaceAll(tags, '').replaceAll(attributes, '$1')
    } while (node.value !== before)
  }
}
