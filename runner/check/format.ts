import type { Diagnostic, Place } from '../model/diagnostic.ts'
import { rules } from '../model/rules.ts'
import type { Code } from '../model/rules.ts'

export const formats = ['text', 'json', 'sarif', 'github'] as const

export type Format = (typeof formats)[number]

export interface Report {
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
export function jsonReport({ checked, findings, site }: Report): string {
  const errors = findings.filter(({ severity }) => severity === 'error').length
  const items = findings.map((found) => ({ ...found, docs: docsAddress(found.code, site) }))
  return JSON.stringify(
    { version: 1, checked, errors, warnings: findings.length - errors, findings: items },
    undefined,
    2,
  )
}

/** Annotations of a GitHub workflow. */
export function githubReport({ findings, site }: Report): string {
  return findings
    .map((found) => {
      const { file, line, column, endLine, endColumn } = found.place
      const end =
        endLine === undefined
          ? []
          : [`endLine=${endLine}`, ...(endLine === line && endColumn ? [`endColumn=${endColumn}`] : [])]
      const properties = [
        `file=${property(file)}`,
        `line=${line}`,
        `col=${column}`,
        ...end,
        `title=${property(found.code)}`,
      ]
      const text = [found.message, found.hint, docsAddress(found.code, site)]
        .filter((part) => part !== undefined)
        .join('\n')
      return `::${found.severity} ${properties.join(',')}::${data(text)}`
    })
    .join('\n')
}

function data(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C')
}

/** SARIF 2.1.0, as code scanning services read it. */
export function sarifReport({ findings, site, version }: Report): string {
  const codes = [...new Set(findings.map(({ code }) => code))].toSorted()
  const run = {
    tool: { driver: { name: 'runbook', version, rules: codes.map((code) => sarifRule(code, site)) } },
    columnKind: 'utf16CodeUnits',
    results: findings.map((found) => ({
      ruleId: found.code,
      ruleIndex: codes.indexOf(found.code),
      level: found.severity,
      message: { text: found.hint === undefined ? found.message : `${found.message}. ${found.hint}` },
      locations: [sarifLocation(found.place)],
      ...(found.notes
        ? {
            relatedLocations: found.notes.map(({ message, place }) => ({
              ...sarifLocation(place),
              message: { text: message },
            })),
          }
        : {}),
    })),
  }
  return JSON.stringify(
    { $schema: 'https://json.schemastore.org/sarif-2.1.0.json', version: '2.1.0', runs: [run] },
    undefined,
    2,
  )
}

function sarifRule(code: Code, site: string | undefined): object {
  const { summary, severity } = rules[code]
  const help = site === undefined ? {} : { helpUri: docsAddress(code, site) }
  return { id: code, shortDescription: { text: summary }, defaultConfiguration: { level: severity }, ...help }
}

function sarifLocation({ file, line, column, endLine, endColumn }: Place): { physicalLocation: object } {
  const end = endLine === undefined ? {} : { endLine, ...(endColumn === undefined ? {} : { endColumn }) }
  const uri = file.split('/').map(encodeURIComponent).join('/')
  return {
    physicalLocation: { artifactLocation: { uri }, region: { startLine: line, startColumn: column, ...end } },
  }
}
