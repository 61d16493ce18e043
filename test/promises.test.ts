import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { runbook } from '../runner/commands/index.ts'
import { commandsOf, globalOptions, optionName, optionsOf } from '../runner/kit/command.ts'
import type { Command } from '../runner/kit/command.ts'
import { promisePage, readPromises } from '../scripts/programs/docs/promise-page.ts'
import { loadPrograms } from '../scripts/programs.ts'

const root = join(import.meta.dirname, '..')
const promises = readPromises(join(root, 'content/promises.yaml'))
const rows = Object.entries(promises.rows)
const programs = await loadPrograms()

/** The command that a line calls; undefined where there is none. */
function commandOf(words: readonly string[]): Command | undefined {
  const own = commandsOf(runbook)
  const program = programs.find(({ name }) => name === `runbook ${words[0]}`)
  if (program === undefined)
    return own.find(({ name }) => name === words.slice(0, 2).join(' ') || name === words[0])
  const commands = commandsOf(program)
  return (
    commands.find(({ name }) => name === words[1]) ?? commands.find(({ name }) => name === program.fallback)
  )
}

/** What is wrong with the line of a row. */
function problemOf(show: string): string | undefined {
  const words = show.split(' ')
  if (words[0] !== 'runbook') {
    const file = words.find((word) => /\.(sh|ts|yml)$/.test(word))
    return file === undefined || existsSync(join(root, file)) ? undefined : `${file} does not exist`
  }
  const command = commandOf(words.slice(1))
  if (command === undefined) return 'the command does not exist'
  const names = Object.keys({ ...optionsOf(command), ...globalOptions }).map(optionName)
  return words.find((word) => word.startsWith('--') && !names.includes(word))
}

test('every row of the five documents is listed once, in order', () => {
  const sizes = { A: 56, B: 36, C: 43, D: 27, E: 23 }
  const expected = Object.entries(sizes).flatMap(([letter, size]) =>
    Array.from({ length: size }, (_, index) => `${letter}${String(index + 1).padStart(2, '0')}`),
  )
  expect(expected).toHaveLength(185)
  expect(rows.map(([id]) => id)).toEqual(expected)
})

test('every command, option, runbook and test that a row names is there', () => {
  const problems = rows.flatMap(([id, { show, runbook: slug, test: file }]) => [
    ...(problemOf(show) === undefined ? [] : [`${id}: ${show}: ${problemOf(show)}`]),
    ...(slug === undefined || existsSync(join(root, `content/runbooks/${slug}.mdx`))
      ? []
      : [`${id}: ${slug}`]),
    ...(file === undefined || existsSync(join(root, file)) ? [] : [`${id}: ${file}`]),
    ...[...show.matchAll(/runbook (?:exec|plan|show|doctor) ([a-z-]+)/g)].flatMap(([, name = '']) =>
      existsSync(join(root, `content/runbooks/${name}.mdx`)) ? [] : [`${id}: ${name}`],
    ),
  ])
  expect(problems).toEqual([])
})

test('the counts of the report add to 3,140, and not to the total that it calls verified', () => {
  const { counts = [], claimed } = promises.rows['A19'] ?? {}
  expect(counts.reduce((sum, one) => sum + one, 0)).toBe(3140)
  expect(claimed).toBe(3133)
})

test('the page is what the rows say; write it again with node scripts/promise-docs.ts', () => {
  expect(readFileSync(join(root, 'content/docs/promises.md'), 'utf8')).toBe(promisePage(promises))
})

test('every runbook of this repository says when to use it', () => {
  const folder = join(root, 'content/runbooks')
  const pages = readdirSync(folder).filter((name) => name.endsWith('.mdx'))
  expect(pages.filter((name) => !/^whenToUse: \S/m.test(readFileSync(join(folder, name), 'utf8')))).toEqual(
    [],
  )
})
