import { existsSync, readdirSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { diagnostic } from '../model/diagnostic.ts'
import type { Diagnostic } from '../model/diagnostic.ts'
import { splitFrontmatter } from '../model/text/frontmatter.ts'
import { humanSections, itemTypes } from './draft.ts'
import { samePerson } from '../model/people/person.ts'
import type { Aliases } from '../model/people/person.ts'
import { headOf } from './head.ts'
import type { PostmortemHead } from './head.ts'
import { textOf } from '../regular-file.ts'

/** Postmortems of a folder that say they are closed and are not finished. A draft may be anything. */
export function checkPostmortems(folder: string, cwd: string, aliases: Aliases = {}): Diagnostic[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder)
    .filter((name) => /\.mdx?$/.test(name))
    .toSorted()
    .flatMap((name) => {
      const path = join(folder, name)
      return checkPostmortem(textOf(path), relative(cwd, path).split(sep).join('/'), aliases)
    })
}

/** The findings of a postmortem that is marked closed. A draft has none. */
export function checkPostmortem(text: string, file: string, aliases: Aliases = {}): Diagnostic[] {
  const head = headOf(text)
  if (!head.ok) {
    const hint = 'The frontmatter must be valid YAML.'
    return [diagnostic('invalid-frontmatter', { file, line: 1, column: 1 }, head.problem.message, { hint })]
  }
  if (head.value.status !== 'closed') return []
  const lines = splitFrontmatter(text).body.split('\n')
  const missing = humanSections.flatMap(([title]) => {
    const at = lines.findIndex((line) => line.trim() === `## ${title}`)
    if (at >= 0 && sectionText(lines, at) !== '') return []
    return [
      finding(
        file,
        Math.max(at, 0),
        `Unexpected empty part “${title}”, expected words of those who were there`,
      ),
    ]
  })
  return [...reviewProblems(head.value, file, aliases), ...missing, ...itemProblems(lines, file)]
}

function reviewProblems(
  { author, reviewedBy }: PostmortemHead,
  file: string,
  aliases: Aliases,
): Diagnostic[] {
  if (author === '')
    return [finding(file, 0, 'Unexpected postmortem without `author`, expected who wrote it')]
  if (reviewedBy === '')
    return [finding(file, 0, 'Unexpected postmortem without `reviewedBy`, expected who reviewed it')]
  return samePerson(author, reviewedBy, aliases)
    ? [finding(file, 0, `Unexpected reviewer \`${reviewedBy}\`, expected a person other than the author`)]
    : []
}

function finding(file: string, index: number, message: string): Diagnostic {
  const hint = 'Write it, or set `status: draft` until it is written.'
  return diagnostic('postmortem-unfinished', { file, line: index + 1, column: 1 }, message, { hint })
}

function sectionText(lines: readonly string[], heading: number): string {
  const rest = lines.slice(heading + 1)
  const end = rest.findIndex((line) => line.startsWith('## '))
  const text = rest.slice(0, end === -1 ? undefined : end).join('\n')
  return text.replaceAll(/\{\/\*[\s\S]*?\*\/\}|<!--[\s\S]*?-->/g, '').trim()
}

/** A link to a diff, whatever the host calls it. */
const DIFF =
  /\]\([^()\s]*(?:\/(?:commit|compare|diff|pull|pulls|merge_requests|patch)\/|\.(?:diff|patch)\b)[^()\s]*\)/

function itemProblems(lines: readonly string[], file: string): Diagnostic[] {
  const at = lines.findIndex((line) => line.trim() === '## Action items')
  const rows = lines
    .map((line, index) => ({
      index,
      cells: line
        .split('|')
        .slice(1, -1)
        .map((part) => part.trim()),
    }))
    .filter(({ index, cells }) => index > at && at >= 0 && cells.length === 4)
    .slice(2)
  if (rows.length === 0)
    return [
      finding(file, Math.max(at, 0), 'Unexpected postmortem without action items, expected at least one'),
    ]
  const changes = rows.some(({ cells: [, what = ''] }) => DIFF.test(what))
  const runbook = changes
    ? []
    : [
        finding(
          file,
          at,
          'Unexpected action items, expected one that links to the change of the runbook, such as [the page says so](https://example.com/commit/0a1b2c3)',
        ),
      ]
  const items = rows.flatMap(({ index, cells: [type = '', what = '', owner = '', due = ''] }) => {
    const wrong = [
      itemTypes.some((one) => one === type) ? '' : `type is one of ${itemTypes.join(', ')}`,
      what === '' ? 'what is to be done' : '',
      owner === '' ? 'an owner' : '',
      /^\d{4}-\d\d-\d\d$/.test(due) && !Number.isNaN(Date.parse(due)) ? '' : 'a day such as 2026-12-01',
    ].filter(Boolean)
    return wrong.length === 0
      ? []
      : [finding(file, index, `Unexpected action item, expected ${wrong.join('; ')}`)]
  })
  return [...items, ...runbook]
}
