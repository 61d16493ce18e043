import { visit } from 'unist-util-visit'

interface Element {
  type: string
  tagName?: string
  properties?: Record<string, unknown>
  children?: Element[]
}

/** A table that is wider than the page scrolls on its own; so a keyboard can reach it. */
export function reachTables() {
  return (tree: Element): void => {
    visit(tree as never, (node: Element) => {
      if (node.tagName === 'table') node.properties = { ...node.properties, tabIndex: 0 }
      // Markdown asks for a head; a cell of it without words names no column.
      if (node.tagName === 'th' && (node.children ?? []).length === 0) node.tagName = 'td'
    })
  }
}
