import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { LineCounter } from 'yaml'
import { expect, onTestFinished, test } from 'vitest'
import { readAnswers } from '../../commands/exec/answers-file.ts'
import type { Io } from '../../kit/io.ts'
import { readFrontmatter } from './frontmatter.ts'
import { parseLooseYaml, parseYaml, readAllYaml, readYaml } from './yaml.ts'

const repeated = (count: number, one: (at: number) => string): string =>
  Array.from({ length: count }, (_, at) => one(at)).join('')

/** A document with so many levels, in each notation that has levels. */
const notations: [string, (levels: number) => string][] = [
  ['lists in brackets', (levels) => '['.repeat(levels) + ']'.repeat(levels)],
  ['maps in braces', (levels) => `${'{a: '.repeat(levels)}x${'}'.repeat(levels)}`],
  ['lists on one line', (levels) => `${'- '.repeat(levels)}x\n`],
  ['keys that are maps', (levels) => `${'? '.repeat(levels)}x\n`],
  ['maps by indentation', (levels) => repeated(levels, (at) => `${' '.repeat(at)}a:\n`)],
  [
    'lists below keys, without a column more',
    (levels) => repeated(levels / 2, (at) => `${' '.repeat(2 * at)}a:\n${' '.repeat(2 * at)}-\n`),
  ],
  ['the second of two documents', (levels) => `a: b\n---\n${'['.repeat(levels)}${']'.repeat(levels)}`],
]

test.each(notations)('YAML of 64 levels is read, and one of more is refused in a sentence: %s', (_, make) => {
  expect(readAllYaml(make(64)).flatMap(({ errors }) => errors)).toEqual([])
  for (const levels of [66, 2000]) {
    const [document] = readAllYaml(make(levels))
    expect(document?.errors[0]?.message).toMatch(
      /^Lists and maps are nested deeper than 64 levels at line \d+, column \d+$/,
    )
    expect(() => parseYaml(make(levels))).toThrow('deeper than 64 levels')
    expect(() => parseLooseYaml(make(levels))).toThrow('deeper than 64 levels')
  }
})

test('the place of the first level that is too deep is told to those who count lines themselves', () => {
  const lineCounter = new LineCounter()
  const { errors } = readYaml(`a: b\nc: ${'['.repeat(70)}`, { lineCounter, prettyErrors: false })
  expect(errors[0]?.message).toBe('Lists and maps are nested deeper than 64 levels')
  expect(lineCounter.linePos(errors[0]?.pos[0] ?? 0)).toEqual({ line: 2, col: 67 })
})

test('frontmatter and a file of answers that are nested too deeply are refused with that sentence', () => {
  const deep = `${'['.repeat(5000)}${']'.repeat(5000)}`
  const { diagnostics } = readFrontmatter(`title: x\ntags: ${deep}\n`, 'a.mdx')
  expect(diagnostics).toEqual([
    expect.objectContaining({
      code: 'invalid-frontmatter',
      message: 'Lists and maps are nested deeper than 64 levels',
      place: expect.objectContaining({ line: 3, column: 70 }) as object,
    }),
  ])
  const cwd = mkdtempSync(join(tmpdir(), 'runbook-yaml-'))
  onTestFinished(() => rmSync(cwd, { recursive: true }))
  writeFileSync(join(cwd, 'answers.yaml'), `actor: alice\nanswers: ${deep}\n`)
  expect(() => readAnswers('answers.yaml', { cwd } as Io)).toThrow(
    'The answers file `answers.yaml` cannot be read: Lists and maps are nested deeper than 64 levels at line 2, column 73',
  )
})
