import type { parser } from '@prometheus-io/lezer-promql'

/** A node of the tree that Prometheus' grammar makes of a query. */
export type SyntaxNode = ReturnType<typeof parser.parse>['topNode']

/** The children of a node, in order. */
export function children(node: SyntaxNode): SyntaxNode[] {
  const nodes: SyntaxNode[] = []
  for (let child = node.firstChild; child; child = child.nextSibling) nodes.push(child)
  return nodes
}
