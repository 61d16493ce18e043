import { rehypeShiki } from '@astrojs/markdown-remark'
import type { ShikiConfig } from '@astrojs/markdown-remark'
import { EXIT, visit } from 'unist-util-visit'

type Color = (tree: unknown) => Promise<void>

/** Colors blocks of code as Astro does. The first document that has one loads the grammars. */
export function colorCode(config: ShikiConfig) {
  const color = (rehypeShiki as unknown as (config: ShikiConfig) => Color)(config)
  return async (tree: unknown): Promise<void> => {
    if (hasCode(tree)) await color(tree)
  }
}

function hasCode(tree: unknown): boolean {
  let has = false
  visit(tree as never, { tagName: 'pre' }, () => {
    has = true
    return EXIT
  })
  return has
}
