import { githubLine, sarifDocument, sarifLocation } from '../finding-formats.ts'
import type { Finding } from './finding.ts'
import { alertRules, severities } from './alert-rules.ts'
import type { AlertCode, FindingSeverity } from './alert-rules.ts'

export interface AlertReport {
  /** How many files and alerts were looked at. */
  files: number
  alerts: number
  findings: readonly Finding[]
  /** How many findings `--fix` has fixed; they are not among the findings. */
  fixed: number
  site?: string | undefined
  version: string
}

/** The page that explains a code. */
export function alertDocs(code: AlertCode, site = ''): string {
  return `${site}/docs/errors/${code.toLowerCase()}/`
}

export function countBySeverity(findings: readonly Finding[]): Record<FindingSeverity, number> {
  const counts = { error: 0, warning: 0, info: 0 }
  for (const { severity } of findings) counts[severity] += 1
  return counts
}

/** Whether there is a finding as grave as a severity, or graver. */
export function reaches(findings: readonly Finding[], limit: FindingSeverity | 'never'): boolean {
  if (limit === 'never') return false
  return findings.some(({ severity }) => severities.indexOf(severity) <= severities.indexOf(limit))
}

/** One JSON document. Fields are only ever added. */
export function alertJson({ files, alerts, findings, fixed, site }: AlertReport): string {
  const items = findings.map(({ edits, ...finding }) => ({
    ...finding,
    name: alertRules[finding.code].name,
    fixable: edits !== undefined,
    docs: alertDocs(finding.code, site),
  }))
  const counts = countBySeverity(findings)
  return JSON.stringify({ version: 1, files, alerts, fixed, counts, findings: items }, undefined, 2)
}

/** Annotations of a GitHub workflow. */
export function alertGithub({ findings, site }: AlertReport): string {
  return findings
    .map(({ severity, place, code, message, hint }) => {
      const level = severity === 'info' ? 'notice' : severity
      return githubLine(level, place, code, [message, hint, alertDocs(code, site)])
    })
    .join('\n')
}

export function alertSarif({ findings, site, version }: AlertReport): string {
  const codes = [...new Set(findings.map(({ code }) => code))].toSorted()
  const results = findings.map(({ code, severity, message, hint, place }) => ({
    ruleId: code,
    ruleIndex: codes.indexOf(code),
    level: severity === 'info' ? 'note' : severity,
    message: { text: hint === undefined ? message : `${message}. ${hint}` },
    locations: [sarifLocation(place)],
  }))
  return sarifDocument(
    version,
    codes.map((code) => sarifRule(code, site)),
    results,
  )
}

function sarifRule(code: AlertCode, site: string | undefined): object {
  const { name, summary, severity } = alertRules[code]
  const level = severity === 'info' ? 'note' : severity
  const help = site === undefined ? {} : { helpUri: alertDocs(code, site) }
  return { id: code, name, shortDescription: { text: summary }, defaultConfiguration: { level }, ...help }
}
