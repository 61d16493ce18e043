import { visit } from 'unist-util-visit'

interface Element {
  type: string
  tagName?: string
  properties?: Record<string, unknown>
  children?: Element[]
}

const blocks = /^(ul|ol|p|pre|table|blockquote|section|div|details|dl|h\d)$/

/** Puts each task's box and text into a label: on its own it would be a box of nothing to a screen reader. */
export function labelTasks() {
  return (tree: Element): void => {
    visit(tree as never, (node: Element) => {
      if (node.tagName !== 'li') return
      const holder = [node, ...(node.children ?? [])].find(hasBox)
      if (!holder) return
      const children = holder.children ?? []
      // A part after the text, such as a nested list, has its own boxes.
      const end = children.findIndex(({ tagName = '' }) => blocks.test(tagName))
      const own = end === -1 ? children : children.slice(0, end)
      const label = { type: 'element', tagName: 'label', properties: {}, children: own }
      holder.children = [label, ...children.slice(own.length)]
    })
  }
}

function hasBox({ tagName, children = [] }: Element): boolean {
  const isBox = ({ tagName: name, properties }: Element): boolean =>
    name === 'input' && properties?.['type'] === 'checkbox'
  return (tagName === 'li' || tagName === 'p') && children.some(isBox)
}
