import type { SyntaxNode } from '../../model/values/promql-tree.ts'
import { parser } from '@prometheus-io/lezer-promql'
import { aggregate, any, binary, call, none } from './sets.ts'
import type { LabelSet, Reader } from './sets.ts'
import { text, unquote } from './text.ts'

/**
 * The labels the result of a query can have, or undefined when the query is not PromQL as Prometheus reads it. Only
 * what is certain is closed: where anything may come through, the set is open.
 */
export function resultLabels(query: string): LabelSet | undefined {
  const tree = parser.parse(query)
  let broken = false
  tree.iterate({ enter: (node) => void (broken ||= node.type.isError) })
  const first = tree.topNode.firstChild
  return broken || !first ? undefined : read(first, query)
}

const read: Reader = (node, query) => {
  switch (node.name) {
    case 'VectorSelector':
      return selected(node, query)
    case 'AggregateExpr':
      return aggregate(node, query, read)
    case 'BinaryExpr':
      return binary(node, query, read)
    case 'FunctionCall':
      return call(node, query, read)
    case 'NumberDurationLiteral':
    case 'StringLiteral':
      return none
    default:
      return inner(node, query)
  }
}

/** Parentheses, ranges, offsets and signs change no label: the query within them counts. */
function inner(node: SyntaxNode, query: string): LabelSet {
  for (let child = node.firstChild; child; child = child.nextSibling)
    if (/Expr$|Selector$|^FunctionCall$|Literal$/.test(child.name) && child.name !== 'DurationExpr')
      return read(child, query)
  return any
}

/** A selector passes every label its series have; `label=""` says that they do not have it. */
function selected(node: SyntaxNode, query: string): LabelSet {
  const absent = new Set<string>()
  for (const matcher of node.getChild('LabelMatchers')?.getChildren('UnquotedLabelMatcher') ?? []) {
    const name = text(matcher.getChild('LabelName'), query)
    const value = unquote(text(matcher.getChild('StringLiteral'), query))
    if (matcher.getChild('MatchOp')?.firstChild?.name === 'EqlSingle' && value === '') absent.add(name)
  }
  return { open: true, except: absent }
}
