import type { parser } from '@prometheus-io/lezer-promql'

export type SyntaxNode = ReturnType<typeof parser.parse>['topNode']

export function text(node: SyntaxNode | null | undefined, query: string): string {
  return node ? query.slice(node.from, node.to) : ''
}

export function unquote(written: string): string {
  return written.slice(1, -1)
}

export function children(node: SyntaxNode): SyntaxNode[] {
  const found: SyntaxNode[] = []
  for (let child = node.firstChild; child; child = child.nextSibling) found.push(child)
  return found
}
