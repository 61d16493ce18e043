import Slugger from 'github-slugger'
import type { Nodes, Root } from 'mdast'
import { toString } from 'mdast-util-to-string'

/**
 * Gives every heading its id. Step ids are taken first: a prose heading whose words make the same id would
 * otherwise become a second, equal one, and links would open the wrong place.
 */
export function identifyHeadings(tree: Root, reserved: readonly string[]): void {
  const slugger = new Slugger()
  for (const id of reserved) slugger.slug(id)
  visit(tree, slugger)
}

function visit(node: Nodes, slugger: Slugger): void {
  if (node.type === 'heading') {
    const data = (node.data ?? {}) as { hProperties?: Record<string, string> }
    const id = data.hProperties?.['id'] ?? slugger.slug(toString(node))
    node.data = { ...data, hProperties: { ...data.hProperties, id } }
  }
  if ('children' in node) for (const child of node.children) visit(child, slugger)
}
