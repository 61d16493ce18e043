import { existsSync } from 'node:fs'
import { dirname, join, relative, resolve, sep } from 'node:path'
import type { Place } from './model/diagnostic.ts'

/** Places relative to the root of the repository, as code hosts read them; outside of one they stay relative to `cwd`. */
export function placesInRepository(cwd: string): (place: Place) => Place {
  let root = cwd
  while (!existsSync(join(root, '.git')) && dirname(root) !== root) root = dirname(root)
  if (!existsSync(join(root, '.git'))) return (place) => place
  return (place) => ({
    ...place,
    file: relative(root, resolve(cwd, place.file)).split(sep).join('/'),
  })
}

/** An annotation of a GitHub workflow. The text is data: a line of its own would be a command. */
export function githubLine(
  level: string,
  { file, line, column, endLine, endColumn }: Place,
  title: string,
  lines: readonly (string | undefined)[],
): string {
  const properties = [
    `file=${property(file)}`,
    `line=${line}`,
    `col=${column}`,
    ...(endLine === undefined ? [] : [`endLine=${endLine}`]),
    ...(endLine === line && endColumn ? [`endColumn=${endColumn}`] : []),
    `title=${property(title)}`,
  ]
  return `::${level} ${properties.join(',')}::${data(lines.filter((one) => one !== undefined).join('\n'))}`
}

function data(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C')
}

/** A SARIF 2.1.0 document, as code scanning services read it. */
export function sarifDocument(version: string, rules: readonly object[], results: readonly object[]): string {
  const driver = { name: 'runbook', version, rules }
  const run = { tool: { driver }, columnKind: 'utf16CodeUnits', results }
  const schema = 'https://json.schemastore.org/sarif-2.1.0.json'
  return JSON.stringify({ $schema: schema, version: '2.1.0', runs: [run] }, undefined, 2)
}

export function sarifLocation({ file, line, column, endLine, endColumn }: Place): {
  physicalLocation: object
} {
  const end = endLine === undefined ? {} : { endLine, ...(endColumn === undefined ? {} : { endColumn }) }
  const uri = file.split('/').map(encodeURIComponent).join('/')
  return {
    physicalLocation: { artifactLocation: { uri }, region: { startLine: line, startColumn: column, ...end } },
  }
}
