interface Element {
  type: string
  tagName?: string
  properties?: Record<string, unknown>
  children?: Element[]
}

/** Class of a heading's link to itself. */
export const selfLink = 'self'

/** Makes each heading of the text a link to itself, so that a reader can pass it on. One that contains a link is left out. */
export function linkHeadings() {
  return (tree: Element): void => {
    for (const node of tree.children ?? []) {
      const { tagName = '', children = [], properties: { id } = {} } = node
      if (!/^h[2-4]$/.test(tagName) || typeof id !== 'string' || id === '' || children.some(isTaken)) continue
      const properties = { className: [selfLink], href: `#${encodeURIComponent(id)}` }
      node.children = [{ type: 'element', tagName: 'a', properties, children }]
    }
  }
}

/** Whether there is a link or an address in it. An element of MDX may become anything. */
function isTaken({ type, tagName, properties, children = [] }: Element): boolean {
  if (type !== 'element') return type !== 'text' && type !== 'comment'
  return tagName === 'a' || properties?.['id'] !== undefined || children.some(isTaken)
}
