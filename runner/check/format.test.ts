import { expect, test } from 'vitest'
import { githubReport, jsonReport, sarifReport } from './format.ts'
import { diagnostic } from '../model/diagnostic.ts'

const place = { file: 'docs/a, b.mdx', line: 3, column: 5, endLine: 3, endColumn: 9 }
const note = { message: 'first used here', place: { file: 'docs/a, b.mdx', line: 1, column: 1 } }
const findings = [diagnostic('duplicate-id', place, 'Unexpected 100%', { hint: 'Rename it.', notes: [note] })]
const report = { checked: 2, findings, site: 'https://ops.example', version: '1.2.3' }

test('JSON counts, and leads to the page of each code', () => {
  expect(JSON.parse(jsonReport(report))).toMatchObject({
    version: 1,
    checked: 2,
    errors: 1,
    warnings: 0,
    findings: [{ code: 'duplicate-id', place, docs: 'https://ops.example/docs/errors/duplicate-id/' }],
  })
})

test('an annotation of a workflow escapes what would end it', () => {
  expect(githubReport(report)).toBe(
    '::error file=docs/a%2C b.mdx,line=3,col=5,endLine=3,endColumn=9,title=duplicate-id::Unexpected 100%25%0ARename it.%0Ahttps://ops.example/docs/errors/duplicate-id/',
  )
})

test('SARIF names its rules, and places in units of UTF-16', () => {
  const [run] = (JSON.parse(sarifReport(report)) as { runs: Record<string, unknown>[] }).runs
  expect(run).toMatchObject({
    columnKind: 'utf16CodeUnits',
    tool: { driver: { name: 'runbook', version: '1.2.3', rules: [{ id: 'duplicate-id' }] } },
    results: [
      {
        ruleId: 'duplicate-id',
        level: 'error',
        locations: [
          {
            physicalLocation: {
              artifactLocation: { uri: 'docs/a%2C%20b.mdx' },
              region: { startLine: 3, endColumn: 9 },
            },
          },
        ],
        relatedLocations: [{ message: { text: 'first used here' } }],
      },
    ],
  })
})
