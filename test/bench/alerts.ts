import { commandStep, page, workspace } from '../support/workspace.ts'
import { interleave } from './measure.ts'
import type { Row } from './table.ts'

const files = 100
const each = 10
const budgetMs = 5000

/** A thousand alerts in a hundred files, each with a link to a step and its value: the whole command. */
export function alertLinks(packaged: string): Row[] {
  const rule = (name: string): string => `      - alert: ${name}
        expr: rate(requests_total{job="${name}"}[5m]) > 5
        for: 5m
        labels: { severity: page }
        annotations:
          summary: ${name} is high
          runbook_url: 'https://r.example/runbooks/x/?color={{ $labels.color }}#a'
`
  const groups = Array.from({ length: files }, (_, file): [string, string] => {
    const rules = Array.from({ length: each }, (_rule, index) => rule(`Alert${file}x${index}`))
    return [`rules/${file}.yml`, `groups:\n  - name: g\n    rules:\n${rules.join('')}`]
  })
  using space = workspace({
    'content/runbooks/x.mdx': page(
      commandStep('a', 'true'),
      'inputs:\n  color: { type: string, default: blue }\n',
    ),
    ...Object.fromEntries(groups),
  })
  const command = [
    process.execPath,
    packaged,
    'alerts',
    'check',
    'rules',
    '--base-url',
    'https://r.example',
    '--fail-on',
    'error',
  ] as const
  const [ours] = interleave([{ name: 'alerts check', command, cwd: space.root }], 3)
  return [
    {
      what: `links of ${(files * each).toLocaleString('en')} alerts in ${files} files`,
      figure: ours?.median ?? Number.NaN,
      against: 'its budget',
      reference: budgetMs,
      budget: 1,
    },
  ]
}
