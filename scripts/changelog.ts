import { defineCommand, defineProgram, required, withDefault } from '../runner/kit/command.ts'
import type { CommandReport } from '../runner/kit/command.ts'
import { filePath, semver } from '../runner/kit/types.ts'
import { runProgram } from '../runner/kit/program.ts'
import { readFile } from 'node:fs/promises'
import { CliError } from '../runner/kit/error.ts'
import { exit } from '../runner/kit/exit.ts'
import { codeOf } from './lib/errors.ts'
import { counted } from '../runner/model/counted.ts'

/** The entry of one version: its date as written, its list items and sentences, and those under "Known issues". */
export interface ChangelogEntry {
  version: string
  date: string
  lines: string[]
  knownIssues: string[]
}

/** The changelog of versions to come, under "Unreleased". */
export function readUnreleased(text: string): string[] {
  return sectionsOf(text).find(({ version }) => version.toLowerCase() === 'unreleased')?.lines ?? []
}

/**
 * Finds a version in a changelog in the Keep a Changelog form (`## [1.4.0] - 2026-10-27`).
 * Text in comments and code fences does not count.
 * @throws {CliError} when the entry is missing, given twice, has no real date, or says nothing
 */
export function readEntry(text: string, version: string): ChangelogEntry {
  const sections = sectionsOf(text)
  const matches = sections.filter((section) => section.version === version)
  const section = matches[0]
  if (section === undefined) {
    const versions = sections.map(({ version: name }) => name).join(', ') || 'none'
    throw new CliError(
      exit.failed,
      `The changelog has no entry for ${version}: its entries are ${versions}`,
      `Add a heading "## [${version}] - YYYY-MM-DD" with what changed.`,
    )
  }
  if (matches.length > 1)
    throw new CliError(
      exit.failed,
      `The changelog has ${matches.length} entries for ${version}: only one can be meant`,
      'Merge them into one.',
    )
  if (!isRealDate(section.date)) {
    throw new CliError(
      exit.failed,
      `The entry for ${version} has no real date: expected an ISO date, got \`${section.date}\``,
      `Write the day of the release: "## [${version}] - YYYY-MM-DD".`,
    )
  }
  if (section.lines.length === 0)
    throw new CliError(
      exit.failed,
      `The entry for ${version} is empty: it has no text under its headings`,
      'Say what changed, one line each.',
    )
  return section
}

function sectionsOf(text: string): ChangelogEntry[] {
  const sections: ChangelogEntry[] = []
  let underIssues = false
  for (const line of visibleLines(text)) {
    if (line.startsWith('#')) underIssues = /^###\s+known issues\s*$/i.test(line)
    const heading = /^##\s+\[?v?([^\]\s]+)\]?(?:\(\S*\))?\s*(?:[-–—]\s*)?(.*)$/.exec(line)
    if (heading !== null)
      sections.push({
        version: heading[1] ?? '',
        date: (heading[2] ?? '').trim(),
        lines: [],
        knownIssues: [],
      })
    else if (isContent(line)) sections.at(-1)?.[underIssues ? 'knownIssues' : 'lines'].push(line.trim())
  }
  return sections
}

function visibleLines(text: string): string[] {
  const withoutComments = text.replaceAll('\r\n', '\n').replaceAll(/<!--[\s\S]*?(?:-->|$)/g, '')
  return withoutComments.replaceAll(/^(`{3,}|~{3,})[\s\S]*?(?:^\1|$(?![\s\S]))/gm, '').split('\n')
}

// A heading, a blank bullet and a link definition ("[1.4.0]: https://…") say nothing about the release.
function isContent(line: string): boolean {
  return !/^\s*(#.*|[-*+]?\s*|\[[^\]]+\]:.*)$/.test(line)
}

function isRealDate(date: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(date)) return false
  const time = Date.parse(`${date}T00:00:00Z`)
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(date)
}

async function readChangelog(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    throw new CliError(
      exit.failed,
      `${path} cannot be read: ${codeOf(error) || String(error)}`,
      'Check --file.',
    )
  }
}

const check = defineCommand({
  name: 'check',
  summary: 'Check that a version has an entry with a real date and some text.',
  args: {},
  options: {
    file: withDefault(filePath('file'), 'CHANGELOG.md', 'The changelog.'),
    version: required(semver, 'The version that must have an entry.'),
  },
  effect: 'read',
  examples: ['runbook changelog check --file .lab/storefront/CHANGELOG.md --version 1.4.0'],
  async run({ options }): Promise<CommandReport> {
    const version = options.version
    const file = options.file
    const entry = readEntry(await readChangelog(file), version)
    return {
      document: { ok: true, file, ...entry },
      text: `ok ${file}: ${version} of ${entry.date}, ${counted(entry.lines.length, 'line')}\n`,
    }
  },
})

function issuesText({ knownIssues }: ChangelogEntry): string[] {
  return knownIssues.length === 0 ? [] : ['Known issues:', ...knownIssues]
}

const show = defineCommand({
  name: 'show',
  summary: 'Print the entry of a version, as it goes into a release summary.',
  args: {},
  options: {
    file: withDefault(filePath('file'), 'CHANGELOG.md', 'The changelog.'),
    version: required(semver, 'The version.'),
  },
  effect: 'read',
  examples: [],
  async run({ options }): Promise<CommandReport> {
    const version = options.version
    const entry = readEntry(await readChangelog(options.file), version)
    return {
      document: entry,
      text: `${entry.version} (${entry.date})\n${[...entry.lines, ...issuesText(entry)].join('\n')}\n`,
    }
  },
})

export const program = defineProgram({
  name: 'runbook changelog',
  summary: 'Check the changelog. Only reads.',
  commands: [check, show],
})

if (import.meta.main) await runProgram(program)
