import { parser } from '@prometheus-io/lezer-promql'

export interface PromqlProblem {
  /** One sentence without a final period. */
  message: string
  /** Offset in the query. */
  offset: number
}

/**
 * What is wrong with a PromQL query by Prometheus' own grammar, or undefined. Templates count as a value of the kind
 * that fits where they stand.
 */
export function promqlProblem(query: string): PromqlProblem | undefined {
  if (query.trim() === '') return { message: 'Unexpected empty query, expected PromQL', offset: 0 }
  const text = withoutTemplates(query)
  let problem: PromqlProblem | undefined
  parser.parse(text).iterate({
    enter: (node) => {
      if (!node.type.isError || problem) return
      problem = { message: describe(text, node.from, node.to), offset: node.from }
    },
  })
  return problem
}

function describe(text: string, from: number, to: number): string {
  const token = text.slice(from, to).trim() || text.slice(from).trim().split(/\s/)[0] || ''
  if (token === '') return 'Unexpected end of query, expected PromQL'
  return `Unexpected \`${token.slice(0, 40)}\`, expected PromQL`
}

/** Templates become text of the same length, so that offsets stay. */
function withoutTemplates(query: string): string {
  return query.replaceAll(/\$\{\{.*?\}\}/gs, (whole, offset: number) => {
    const before = query.slice(0, offset)
    const quoted = ['"', "'"].some((quote) => (before.split(quote).length - 1) % 2 === 1)
    if (quoted) return 'x'.repeat(whole.length)
    const value = before.lastIndexOf('[') > before.lastIndexOf(']') ? '5m' : '1'
    return value.padEnd(whole.length)
  })
}

const escapes: Record<string, string> = { a: '\u0007', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' }

/** The value of a string literal of PromQL, which has the escapes of Go; one in backticks has none. */
export function unquotePromql(literal: string): string {
  const inner = literal.slice(1, -1)
  if (literal.startsWith('`')) return inner
  return inner.replaceAll(
    /\\(?:x([0-9a-f]{2})|u([0-9a-f]{4})|U([0-9a-f]{8})|([0-7]{3})|(.))/gis,
    (whole, x?: string, u?: string, long?: string, octal?: string, other?: string) => {
      if (other !== undefined) return escapes[other] ?? other
      const code = octal === undefined ? Number.parseInt(x ?? u ?? long ?? '', 16) : Number.parseInt(octal, 8)
      return code <= 0x10_ff_ff ? String.fromCodePoint(code) : whole
    },
  )
}
