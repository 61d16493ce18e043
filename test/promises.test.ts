import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { runbook } from '../runner/commands/index.ts'
import { readArgs } from '../runner/kit/args.ts'
import type { Program } from '../runner/kit/command.ts'
import { systemIo } from '../runner/kit/io.ts'
import { splitFrontmatter } from '../runner/model/text/frontmatter.ts'
import { isProblemError } from '../runner/model/problem.ts'
import { promisePage, readPromises } from '../scripts/programs/docs/promise-page.ts'
import { loadPrograms } from '../scripts/programs.ts'

const root = join(import.meta.dirname, '..')
const promises = readPromises(join(root, 'content/promises.yaml'))
const rows = Object.entries(promises.rows)
const programs = await loadPrograms()
const silent = (): void => {}
const silentIo = {
  ...systemIo({ json: false, quiet: true, noInput: true, noColor: true }),
  out: silent,
  note: silent,
  say: silent,
}
const read = (path: string): string => readFileSync(join(root, path), 'utf8')

/** The program that a line calls, and the words for it. Quotes are those of a shell. */
function calledBy(line: string): { program: Program; words: string[] } {
  const [, first = '', ...rest] = [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, a, b]) => a ?? b ?? '')
  const own = programs.find(({ name }) => name === `runbook ${first}`)
  return own === undefined ? { program: runbook, words: [first, ...rest] } : { program: own, words: rest }
}

/** How the kit reads the line of a row; a sentence when it refuses a command, an option or a value. */
function refusalOf(line: string): string | undefined {
  if (!line.startsWith('runbook ')) {
    const file = line.split(' ').find((word) => /\.(sh|ts|yml)$/.test(word))
    return file === undefined || existsSync(join(root, file)) ? undefined : `${file} does not exist`
  }
  const { program, words } = calledBy(line)
  try {
    readArgs(program, words)
    return undefined
  } catch (error) {
    return (error as Error).message
  }
}

/** Inputs of the runbook of a line that are missing there, or that it does not have. */
function inputProblems(line: string): string[] {
  const [, slug = ''] = /^runbook (?:exec|plan|show|doctor) ([a-z-]+)/.exec(line) ?? []
  if (slug === '') return []
  const path = `content/runbooks/${slug}.mdx`
  if (!existsSync(join(root, path))) return [`the runbook ${slug} does not exist`]
  if (!/^runbook (?:exec|plan) /.test(line)) return []
  const { inputs = {} } = parse(splitFrontmatter(read(path)).yaml ?? '') as {
    inputs?: Record<string, { default?: unknown; required?: boolean }>
  }
  const given = [...line.matchAll(/ -i ([a-z_]+)=/g)].map(([, name = '']) => name)
  return [
    ...Object.entries(inputs)
      .filter(([name, one]) => one.default === undefined && one.required !== false && !given.includes(name))
      .map(([name]) => `the input ${name} is missing`),
    ...given.filter((name) => inputs[name] === undefined).map((name) => `${slug} has no input ${name}`),
  ]
}

/** The names of the tests in a file: each is a text before the function of the test. */
function namesIn(file: string): string[] {
  const names = /(['"`])((?:\\.|(?!\1).)+)\1,\s*(?:async )?(?:\(|\w+ =>)/g
  return [...read(file).matchAll(names)].map(([, , name = '']) => name.replaceAll(/\\(['"`])/g, '$1'))
}

/** Calls a line in this process, without its output. @returns the exit code */
async function exitOf(line: string): Promise<number> {
  const { program, words } = calledBy(line)
  const { command, args, options, dryRun } = readArgs(program, words)
  if (command === undefined) throw new Error(`${line} has no command`)
  const { run } = 'run' in command ? command : await command.load()
  try {
    const result = await run({ io: silentIo, args, options, dryRun })
    return typeof result === 'number' ? result : (result.exitCode ?? 0)
  } catch (error) {
    if (isProblemError(error)) return error.exitCode
    throw error
  }
}

test('every row of the five documents is listed once, in order', () => {
  const sizes = { A: 56, B: 36, C: 43, D: 27, E: 23 }
  const expected = Object.entries(sizes).flatMap(([letter, size]) =>
    Array.from({ length: size }, (_, index) => `${letter}${String(index + 1).padStart(2, '0')}`),
  )
  expect(expected).toHaveLength(185)
  expect(rows.map(([id]) => id)).toEqual(expected)
})

test('every command of a row is read with its options and inputs, and its files are there', () => {
  const problems = rows.flatMap(([id, { show, runbook: slug }]) =>
    [
      refusalOf(show),
      ...inputProblems(show),
      slug === undefined || existsSync(join(root, `content/runbooks/${slug}.mdx`)) ? undefined : slug,
    ]
      .filter((problem) => problem !== undefined)
      .map((problem) => `${id}: ${show}: ${problem}`),
  )
  expect(problems).toEqual([])
})

test('every row that works names a test that is there', () => {
  const missing = rows.flatMap(([id, { test: file, proves = '' }]) =>
    file === undefined || namesIn(file).some((name) => name.includes(proves))
      ? []
      : [`${id}: ${file}: ${proves}`],
  )
  expect(missing).toEqual([])
})

test('every command that is safe here ends as its row says', async () => {
  const lines = new Map(rows.flatMap(([, { show, exits }]) => (exits === undefined ? [] : [[show, exits]])))
  expect(lines.size).toBeGreaterThan(10)
  const ended = new Map<string, number>()
  for (const line of lines.keys()) ended.set(line, await exitOf(line))
  expect(ended).toEqual(lines)
})

test('the counts of the report add to 3,140, and not to the total that it calls verified', () => {
  const { counts = [], claimed } = promises.rows['A19'] ?? {}
  expect(counts.reduce((sum, one) => sum + one, 0)).toBe(3140)
  expect(claimed).toBe(3133)
})

test('the page is what the rows say; write it again with node scripts/promise-docs.ts', () => {
  expect(read('content/docs/promises.md')).toBe(promisePage(promises))
})

test('every decision has its record, listed in order', () => {
  const records = readdirSync(join(root, 'content/docs/decisions')).toSorted()
  const listed = [...read('content/docs/design.mdx').matchAll(/\]\(decisions\/([^)]+)\)/g)].map(
    ([, name]) => name,
  )
  expect(listed).toEqual(records)
})

test.each([
  ['blue-green', /one region.*without state[^]*machines twice[^]*migration/],
  ['installer-windows', /SmartScreen/],
  ['installer-macos', /Gatekeeper/],
  ['installer-macos', /Bound to macOS/],
])('a limit that is only words is on its page: %s', (slug, words) => {
  expect(read(`content/runbooks/${slug}.mdx`)).toMatch(words)
})

test('every runbook of this repository says when to use it', () => {
  const folder = join(root, 'content/runbooks')
  const pages = readdirSync(folder).filter((name) => name.endsWith('.mdx'))
  expect(pages.filter((name) => !/^whenToUse: \S/m.test(readFileSync(join(folder, name), 'utf8')))).toEqual(
    [],
  )
})
