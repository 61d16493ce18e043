import type { SyntaxNode } from '../../model/values/promql-tree.ts'

export function text(node: SyntaxNode | null | undefined, query: string): string {
  return node ? query.slice(node.from, node.to) : ''
}

export function unquote(literal: string): string {
  return literal.slice(1, -1)
}
