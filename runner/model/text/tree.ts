import type { Nodes, Parent } from 'mdast'

/** Every node below a parent, in document order. */
export function* walk(parent: Parent): Generator<Nodes> {
  for (const child of parent.children as Nodes[]) {
    yield child
    if ('children' in child) yield* walk(child)
  }
}

export function descendants<T extends Nodes['type']>(parent: Parent, type: T): Extract<Nodes, { type: T }>[] {
  return [...walk(parent)].filter((node) => node.type === type) as Extract<Nodes, { type: T }>[]
}

/** The same, but nothing that belongs to a further step inside. */
export function ownDescendants<T extends Nodes['type']>(
  parent: Parent,
  type: T,
): Extract<Nodes, { type: T }>[] {
  return (parent.children as Nodes[]).flatMap((child) => {
    const below = 'children' in child && !isStep(child) ? ownDescendants(child, type) : []
    return child.type === type ? [child as Extract<Nodes, { type: T }>, ...below] : below
  })
}

function isStep(node: Nodes): boolean {
  return node.type === 'mdxJsxFlowElement' && /^[A-Z]/.test(node.name ?? '')
}

/** The text of a comment of either format: HTML in Markdown, an empty expression in MDX. */
export function commentText(node: Nodes): string | undefined {
  if (node.type === 'html') return /^\s*<!--([\s\S]*?)(?:-->|$)/.exec(node.value)?.[1]
  if (node.type !== 'mdxFlowExpression' && node.type !== 'mdxTextExpression') return undefined
  return isComment(node) ? node.value.replaceAll(/^\s*\/\*|\*\/\s*$/g, '') : undefined
}

function isComment(node: {
  value: string
  data?: { estree?: { body: unknown[] } | null | undefined } | undefined
}): boolean {
  return node.data?.estree?.body.length === 0 && node.value.includes('/*')
}
