import type { SyntaxNode } from '../../model/values/promql-tree.ts'

export function text(node: SyntaxNode | null | undefined, query: string): string {
  return node ? query.slice(node.from, node.to) : ''
}

export function unquote(written: string): string {
  return written.slice(1, -1)
}
