import { expect, test } from 'vitest'
import { readRunbook } from '../../model/read-runbook.ts'
import { gate } from './index.ts'

/** What a gate with this fence is told, as `line code`. */
function findings(fence: string): string[] {
  const text = `---\ntitle: T\ninputs:\n  limit: { default: 1% }\n---\n\n<Gate id="g" title="G" source="http://127.0.0.1:9090" for="1m">\n\n\`\`\`yaml\n${fence}\n\`\`\`\n\n</Gate>\n`
  const source = { file: 'x.mdx', slug: 'x', bytes: Buffer.from(text) }
  const { diagnostics } = readRunbook(source, [gate])
  return diagnostics.map(({ place, code, message }) => `${place.line} ${code}: ${message}`)
}

const good = '- ratio: { bad: \'a{color="green",code="500"}\', total: \'a{color="green"}\' }\n  below: 1%'

test('a gate that names its release has no findings', () => {
  expect(findings(good)).toEqual([])
})

test('a metric that cannot be read is an error at its own line', () => {
  expect(findings(`${good}\n- value: depth\n  belwo: 1`)).toEqual([
    expect.stringContaining('12 invalid-body: Unexpected `belwo`, expected ratio, quantile'),
  ])
})

test('a query is read by the grammar of the server', () => {
  expect(findings("- query: 'sum(rate(a[5m])'\n  below: 1")).toEqual([
    '10 invalid-query: Unexpected end of query, expected PromQL',
  ])
})

test('a limit may be an input', () => {
  expect(findings(good.replace('1%', '${{ inputs.limit }}'))).toEqual([])
})

test('a gate over every release at once is a warning', () => {
  expect(findings('- value: queue_depth\n  below: 10')).toEqual([
    '10 gate-selects-all: `queue_depth` selects every release at once',
  ])
})
