import { children } from '../../model/values/promql-tree.ts'
import type { SyntaxNode } from '../../model/values/promql-tree.ts'
import { text, unquote } from './text.ts'

/** Which labels there can be: all but a few, or only some. */
export type LabelSet =
  | { open: true; except: ReadonlySet<string> }
  | { open: false; only: ReadonlySet<string> }

export type Reader = (node: SyntaxNode, query: string) => LabelSet

export const any: LabelSet = { open: true, except: new Set() }
export const none: LabelSet = { open: false, only: new Set() }

export function canHave(set: LabelSet, label: string): boolean {
  return set.open ? !set.except.has(label) : set.only.has(label)
}

function keep(set: LabelSet, labels: readonly string[]): LabelSet {
  return { open: false, only: new Set(labels.filter((label) => canHave(set, label))) }
}

function drop(set: LabelSet, labels: readonly string[]): LabelSet {
  if (set.open) return { open: true, except: new Set([...set.except, ...labels]) }
  return { open: false, only: new Set([...set.only].filter((label) => !labels.includes(label))) }
}

function add(set: LabelSet, label: string): LabelSet {
  if (!set.open) return { open: false, only: new Set([...set.only, label]) }
  return { open: true, except: new Set([...set.except].filter((one) => one !== label)) }
}

function union(a: LabelSet, b: LabelSet): LabelSet {
  if (a.open && b.open)
    return { open: true, except: new Set([...a.except].filter((label) => b.except.has(label))) }
  if (!a.open && !b.open) return { open: false, only: new Set([...a.only, ...b.only]) }
  const [open, closed] = a.open ? [a, b] : [b, a]
  return {
    open: true,
    except: new Set([...(open.open ? open.except : [])].filter((label) => !canHave(closed, label))),
  }
}

function both(a: LabelSet, b: LabelSet): LabelSet {
  if (a.open && b.open) return { open: true, except: new Set([...a.except, ...b.except]) }
  const [closed, other] = a.open ? [b, a] : [a, b]
  return closed.open ? any : keep(other, [...closed.only])
}

const wholeSeries = new Set(['Topk', 'Bottomk', 'Limitk', 'LimitRatio'])

export function aggregate(node: SyntaxNode, query: string, read: Reader): LabelSet {
  const operator = node.getChild('AggregateOp')?.firstChild?.name ?? ''
  const args = argumentsOf(node)
  const last = args.at(-1)
  if (!last) return any
  const within = read(last, query)
  if (wholeSeries.has(operator)) return within
  const modifier = node.getChild('AggregateModifier')
  const labels = grouping(modifier?.getChild('GroupingLabels'), query)
  const grouped = modifier?.getChild('Without') ? drop(within, labels) : keep(within, labels)
  const [first] = args
  return operator === 'CountValues' && first?.name === 'StringLiteral'
    ? add(grouped, unquote(text(first, query)))
    : grouped
}

function argumentsOf(node: SyntaxNode): SyntaxNode[] {
  const body = node.getChild('FunctionCallBody')
  return body ? children(body) : []
}

/** The names in `by (…)`, `on (…)` and their like; quoted names as well. */
function grouping(node: SyntaxNode | null | undefined, query: string): string[] {
  if (!node) return []
  return children(node).map((child) =>
    child.name === 'QuotedLabelName' ? unquote(text(child, query)) : text(child, query),
  )
}

export function call(node: SyntaxNode, query: string, read: Reader): LabelSet {
  const name = node.getChild('FunctionIdentifier')?.firstChild?.name ?? ''
  const args = argumentsOf(node)
  const series = args.find((child) => !child.name.endsWith('Literal'))
  if (name === 'Info') return any
  if (name === 'Absent' || name === 'AbsentOverTime') return absent(series, query)
  if (['Scalar', 'Time', 'Vector', 'Pi'].includes(name) || !series) return none
  const within = read(series, query)
  if (name === 'HistogramQuantile') return drop(read(args.at(-1) ?? series, query), ['le'])
  if (name === 'LabelReplace' || name === 'LabelJoin') {
    const target = args.slice(args.indexOf(series) + 1).find((child) => child.name === 'StringLiteral')
    return target ? add(within, unquote(text(target, query))) : any
  }
  return /^(Label|Histogram)/.test(name) ? union(within, any) : within
}

/** `absent` makes its labels from the equalities of its selector, if it is given one. */
function absent(argument: SyntaxNode | undefined, query: string): LabelSet {
  let node = argument
  while (node && node.name !== 'VectorSelector') {
    if (!/^(ParenExpr|MatrixSelector|OffsetExpr|StepInvariantExpr)$/.test(node.name)) return none
    node = node.firstChild ?? undefined
  }
  const seen = new Set<string>()
  const made = new Set<string>()
  for (const matcher of node?.getChild('LabelMatchers')?.getChildren('UnquotedLabelMatcher') ?? []) {
    const label = text(matcher.getChild('LabelName'), query)
    const equal = matcher.getChild('MatchOp')?.firstChild?.name === 'EqlSingle'
    if (equal && !seen.has(label)) made.add(label)
    else made.delete(label)
    if (equal) seen.add(label)
  }
  return { open: false, only: made }
}

/** The labels of `left op right`, as Prometheus' own `resultMetric` makes them. */
export function binary(node: SyntaxNode, query: string, read: Reader): LabelSet {
  const parts = children(node)
  const [first] = parts
  const last = parts.at(-1)
  if (!first || !last || first === last) return any
  const [left, right] = [read(first, query), read(last, query)]
  if (parts.some(({ name }) => name === 'And' || name === 'Unless')) return left
  if (parts.some(({ name }) => name === 'Or')) return union(left, right)
  if (isScalar(first)) return right
  if (isScalar(last)) return left
  const clause = node.getChild('MatchingModifierClause')
  const [labels = [], included = []] = (clause?.getChildren('GroupingLabels') ?? []).map((one) =>
    grouping(one, query),
  )
  if (clause?.getChild('GroupLeft')) return withIncluded(left, right, included)
  if (clause?.getChild('GroupRight')) return withIncluded(right, left, included)
  if (!clause) return both(left, right)
  return clause.getChild('On') ? keep(left, labels) : drop(left, labels)
}

function withIncluded(many: LabelSet, one: LabelSet, included: readonly string[]): LabelSet {
  return included.reduce((set, label) => (canHave(one, label) ? add(set, label) : drop(set, [label])), many)
}

function isScalar(node: SyntaxNode): boolean {
  if (node.name === 'NumberDurationLiteral') return true
  if (node.name === 'ParenExpr' || node.name === 'UnaryExpr')
    return node.lastChild !== null && isScalar(node.lastChild)
  if (node.name === 'BinaryExpr') return isScalar(node.firstChild ?? node) && isScalar(node.lastChild ?? node)
  const name = node.getChild('FunctionIdentifier')?.firstChild?.name ?? ''
  return node.name === 'FunctionCall' && ['Scalar', 'Time', 'Pi'].includes(name)
}
