import { children } from '../../model/values/promql-tree.ts'
import type { SyntaxNode } from '../../model/values/promql-tree.ts'
import { parser } from '@prometheus-io/lezer-promql'
import { compilePattern } from '../../model/values/pattern.ts'
import { memo } from '../../model/memo.ts'
import { failure, success } from '../../model/problem.ts'
import type { Outcome } from '../../model/problem.ts'
import { unquotePromql } from '../../model/values/promql.ts'

/** Which series are meant, as PromQL writes it: `http_requests_total{color="green",code=~"5.."}`. */
export interface Selector {
  /** As written. */
  text: string
  name: string
  /** The part in braces as written, with its braces; empty when there is none. */
  braces: string
  matchers: Matcher[]
}

export interface Matcher {
  label: string
  operator: string
  /** Without its quotes. */
  value: string
  matches: (value: string) => boolean
}

/** How many values of a label are remembered: each look reads the same ones. */
const mostValues = 1000

/** Reads a selector by the grammar of PromQL, each text once: the gates of a library name the same few metrics. */
export const parseSelector = memo(500, readSelector)

function readSelector(source: string): Outcome<Selector> {
  const text = source.trim()
  const top = parser.parse(text).topNode
  const node = top.firstChild
  const name = textOf(node?.getChild('Identifier'), text)
  const list = node?.getChild('LabelMatchers')
  const isOne = node?.name === 'VectorSelector' && name !== '' && node.to === text.length
  if (!isOne || hasError(top))
    return failure(
      `Unexpected selector \`${source}\`, expected a metric's name and labels such as \`requests_total{code="500"}\``,
    )
  const matchers: Matcher[] = []
  for (const one of list ? children(list) : []) {
    const matcher = readMatcher(one, text)
    if (!matcher.ok) return matcher
    matchers.push(matcher.value)
  }
  return success({ text, name, braces: textOf(list, text), matchers })
}

function readMatcher(node: SyntaxNode, text: string): Outcome<Matcher> {
  const quoted = node.getChild('QuotedLabelName')
  const operator = textOf(node.getChild('MatchOp'), text)
  if (operator === '')
    return failure(
      `Unexpected \`${textOf(node, text)}\` in the selector \`${text}\`, expected \`label="value"\``,
    )
  const label = quoted ? unquotePromql(textOf(quoted, text)) : textOf(node.getChild('LabelName'), text)
  const value = unquotePromql(textOf(node.getChild('StringLiteral'), text))
  const test = testFor(operator, value)
  return test.ok ? success({ label, operator, value, matches: test.value }) : test
}

function testFor(operator: string, value: string): Outcome<(text: string) => boolean> {
  if (operator === '=') return success((text) => text === value)
  if (operator === '!=') return success((text) => text !== value)
  // PromQL anchors every pattern at both ends, and its dot matches line breaks.
  const pattern = compilePattern(value, { dotAll: true })
  if (!pattern.ok) return pattern
  const matches = memo(mostValues, pattern.value)
  return success(operator === '=~' ? matches : (text) => !matches(text))
}

/** The same labels on another metric, such as the buckets of a histogram. */
export function renamed(selector: Selector, name: string): Selector {
  return { ...selector, name, text: `${name}${selector.braces}` }
}

/** Whether a series is selected; a label that is not there counts as empty, as in PromQL. */
export function selects(
  selector: Selector,
  series: { name: string; labels: Readonly<Record<string, string>> },
): boolean {
  if (series.name !== selector.name) return false
  return selector.matchers.every(({ label, matches }) => matches(series.labels[label] ?? ''))
}

/** The selectors a query reads over a range: functions such as `rate` answer for their whole range after a target died. */
export function rangeSelectors(query: string): string[] {
  const selectors = new Set<string>()
  parser.parse(query).iterate({
    enter: ({ name, node }) => {
      if (name === 'MatrixSelector' || name === 'SubqueryExpr') addSelectors(node, query, selectors)
    },
  })
  return [...selectors]
}

function addSelectors(node: SyntaxNode, query: string, selectors: Set<string>): void {
  node.cursor().iterate(({ name, from, to }) => {
    if (name === 'VectorSelector') selectors.add(query.slice(from, to).trim())
  })
}

function hasError(top: SyntaxNode): boolean {
  let isBroken = false
  top.cursor().iterate(({ type }) => void (isBroken ||= type.isError))
  return isBroken
}

function textOf(node: SyntaxNode | null | undefined, text: string): string {
  return node ? text.slice(node.from, node.to) : ''
}
