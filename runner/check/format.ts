import { githubLine, sarifDocument, sarifLocation } from '../finding-formats.ts'
import type { Diagnostic } from '../model/diagnostic.ts'
import { rules } from '../model/diagnostic-rules.ts'
import type { Code } from '../model/diagnostic-rules.ts'

export type Format = 'text' | 'json' | 'sarif' | 'github'

export interface CheckReport {
  /** How many documents were looked at. */
  checked: number
  findings: readonly Diagnostic[]
  /** Address of the published site; without one, addresses are paths on it. */
  site?: string | undefined
  version: string
}

/** The page that explains a code. */
export function docsAddress(code: Code, site = ''): string {
  return `${site}/docs/errors/${code}/`
}

/** One JSON document. Fields are only ever added. */
export function jsonReport({ checked, findings, site }: CheckReport): string {
  const errors = findings.filter(({ severity }) => severity === 'error').length
  const items = findings.map((finding) => ({ ...finding, docs: docsAddress(finding.code, site) }))
  return JSON.stringify(
    { version: 1, checked, errors, warnings: findings.length - errors, findings: items },
    undefined,
    2,
  )
}

/** Annotations of a GitHub workflow. */
export function githubReport({ findings, site }: CheckReport): string {
  return findings
    .map(({ severity, place, code, message, hint }) =>
      githubLine(severity, place, code, [message, hint, docsAddress(code, site)]),
    )
    .join('\n')
}

export function sarifReport({ findings, site, version }: CheckReport): string {
  const codes = [...new Set(findings.map(({ code }) => code))].toSorted()
  const results = findings.map((finding) => ({
    ruleId: finding.code,
    ruleIndex: codes.indexOf(finding.code),
    level: finding.severity,
    message: { text: finding.hint === undefined ? finding.message : `${finding.message}. ${finding.hint}` },
    locations: [sarifLocation(finding.place)],
    ...(finding.notes
      ? {
          relatedLocations: finding.notes.map(({ message, place }) => ({
            ...sarifLocation(place),
            message: { text: message },
          })),
        }
      : {}),
  }))
  return sarifDocument(
    version,
    codes.map((code) => sarifRule(code, site)),
    results,
  )
}

function sarifRule(code: Code, site: string | undefined): object {
  const { summary, severity } = rules[code]
  const help = site === undefined ? {} : { helpUri: docsAddress(code, site) }
  return { id: code, shortDescription: { text: summary }, defaultConfiguration: { level: severity }, ...help }
}
