import type { Element, ElementContent, Root } from 'hast'

/** Class of a heading's link to itself. */
export const selfLink = 'self'

/** Makes each heading of the text a link to itself, so that a reader can pass it on. One that contains a link is left out. */
export function linkHeadings() {
  return (tree: Root): void => {
    for (const node of tree.children) {
      if (node.type !== 'element' || !/^h[2-4]$/.test(node.tagName) || hasLink(node)) continue
      const { id } = node.properties
      if (typeof id !== 'string' || id === '') continue
      const properties = { className: [selfLink], href: `#${encodeURIComponent(id)}` }
      node.children = [{ type: 'element', tagName: 'a', properties, children: node.children }]
    }
  }
}

function hasLink({ children }: Element): boolean {
  return children.some(isLink)
}

function isLink(node: ElementContent): boolean {
  // An element of MDX may become anything.
  if (node.type !== 'element') return node.type !== 'text' && node.type !== 'comment'
  return node.tagName === 'a' || node.properties['id'] !== undefined || hasLink(node)
}
