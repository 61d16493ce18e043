import { severities } from './report.ts'
import type { ScanReport, Severity } from './report.ts'

const scores: Record<Severity, string> = { critical: '9.5', high: '8.0', medium: '5.5', low: '2.0' }
const levels: Record<Severity, string> = { critical: 'error', high: 'error', medium: 'warning', low: 'note' }

/** A report as SARIF 2.1.0, for a service that reads only that. The score of a finding is the middle of its band of CVSS. */
export function sarifOf({ scanner, findings }: ScanReport): string {
  const rules = new Map(
    findings
      .toSorted((a, b) => severities.indexOf(a.severity) - severities.indexOf(b.severity))
      .map(({ id, severity, title }) => [
        id,
        {
          id,
          shortDescription: { text: title || id },
          properties: { 'security-severity': scores[severity] },
        },
      ]),
  )
  const results = findings.map(({ id, severity, where, title }) => ({
    ruleId: id,
    level: levels[severity],
    message: { text: title === '' ? id : title },
    locations: [
      {
        physicalLocation: { artifactLocation: { uri: where === '' ? '.' : where }, region: { startLine: 1 } },
      },
    ],
  }))
  const run = { tool: { driver: { name: scanner, rules: [...rules.values()] } }, results }
  return JSON.stringify({
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [run],
  })
}
