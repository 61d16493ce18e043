import { visit } from 'unist-util-visit'

interface Element {
  type: string
  tagName?: string
  value?: string
  properties?: Record<string, unknown>
  children?: Element[]
}

/** Names the box of each task after its text: on its own it would be a box of nothing to a screen reader. */
export function labelTasks() {
  return (tree: Element): void => {
    visit(tree as never, (node: Element) => {
      if (node.tagName !== 'li') return
      const box = inputOf(node)
      if (box)
        box.properties = {
          ...box.properties,
          ariaLabel: textOf(node).replaceAll(/\s+/g, ' ').trim().slice(0, 200),
        }
    })
  }
}

function inputOf({ children = [] }: Element): Element | undefined {
  const paragraph = children.find(({ tagName }) => tagName === 'p')
  return [...children, ...(paragraph?.children ?? [])].find(
    ({ tagName, properties }) => tagName === 'input' && properties?.['type'] === 'checkbox',
  )
}

/** What stands in the item itself; a list inside it has its own boxes. */
function textOf({ value = '', tagName, children = [] }: Element): string {
  return tagName === 'ul' || tagName === 'ol' ? '' : value + children.map(textOf).join('')
}
