import type { Heading, Root } from 'mdast'
import { descendants } from '../../runner/model/text/tree.ts'

/** Lets no heading lie more than one level below the one before: who jumps from heading to heading would think one lost. */
export function levelHeadings(tree: Root): void {
  let before = 1
  for (const heading of descendants(tree, 'heading')) {
    heading.depth = Math.min(heading.depth, before + 1) as Heading['depth']
    before = heading.depth
  }
}
