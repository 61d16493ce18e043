import type { Nodes, Parent } from 'mdast'
import type { MdxJsxFlowElement, MdxJsxTextElement } from 'mdast-util-mdx-jsx'

/**
 * Turns the elements of MDX into those of HTML, and leaves its comments out. A runbook has elements without behavior and
 * attributes without code: `extract` has refused all else before.
 */
export function htmlElements(parent: Parent): void {
  parent.children = (parent.children as Nodes[]).flatMap((child): Nodes[] => {
    if (child.type === 'mdxFlowExpression' || child.type === 'mdxTextExpression') return []
    if ('children' in child) htmlElements(child)
    if (child.type !== 'mdxJsxFlowElement' && child.type !== 'mdxJsxTextElement') return [child]
    return [
      { ...child, data: { ...child.data, hName: child.name ?? 'span', hProperties: propertiesOf(child) } },
    ]
  }) as never
}

function propertiesOf({ attributes }: MdxJsxFlowElement | MdxJsxTextElement): Record<string, string | true> {
  const properties: Record<string, string | true> = {}
  for (const attribute of attributes)
    if (attribute.type === 'mdxJsxAttribute' && !(attribute.value instanceof Object))
      properties[attribute.name] = attribute.value ?? true
  return properties
}
