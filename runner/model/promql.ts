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
  const found = text.slice(from, to).trim() || text.slice(from).trim().split(/\s/)[0] || ''
  if (found === '') return 'Unexpected end of query, expected PromQL'
  return `Unexpected \`${found.slice(0, 40)}\`, expected PromQL`
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
