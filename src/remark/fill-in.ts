import type { InlineCode, Nodes, Parent, PhrasingContent, Text } from 'mdast'
import type { MdxJsxTextElement } from 'mdast-util-mdx-jsx'
import { pieces } from '../data/steps/input-pieces.ts'

/** Marks the templates of inputs in a document's own words, so that the page fills them in as it does in steps. */
export function markTemplates(parent: Parent, inputs: readonly string[]): void {
  const children = (parent.children as Nodes[]).flatMap((child): Nodes[] => {
    if ((child.type === 'text' || child.type === 'inlineCode') && child.value.includes('${{'))
      return marked(child, inputs)
    if ('children' in child) markTemplates(child, inputs)
    return [child]
  })
  parent.children = children as never
}

function marked(node: Text | InlineCode, inputs: readonly string[]): Nodes[] {
  const parts = pieces(node.value, inputs).map((piece): PhrasingContent =>
    'name' in piece
      ? element('var', [{ type: 'text', value: `$${piece.name}` }])
      : { type: 'text', value: piece.text },
  )
  return node.type === 'inlineCode' ? [element('code', parts)] : parts
}

function element(name: string, children: PhrasingContent[]): MdxJsxTextElement {
  return { type: 'mdxJsxTextElement', name, attributes: [], children }
}
