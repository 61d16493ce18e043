import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import type { Piece } from './support/language.ts'
import {
  formsOf,
  longSentences,
  pageOf,
  participlesOf,
  proseOf,
  testNamesOf,
  textsOf,
  wordsOf,
} from './support/language.ts'

const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
  encoding: 'utf8',
}).split('\n')

/** `file:line: the form; plain: its replacement`, for every form in the files that the pattern names. */
function findings(pattern: RegExp): string[] {
  return files
    .filter((file) => pattern.test(file))
    .flatMap((file) => findingsOf(file, readFileSync(file, 'utf8')).map((line) => `${file}:${line}`))
}

function findingsOf(file: string, text: string): string[] {
  const matches = /\.mdx?$/u.test(file)
    ? proseOf(text).flatMap((piece) => [...formsOf(piece), ...longSentences(piece)])
    : piecesOf(file, text).flatMap(formsOf)
  return matches.map(({ line, form, instead }) => `${line}: ${form}; plain: ${instead}`)
}

function piecesOf(file: string, text: string): Piece[] {
  if (file.endsWith('.astro')) return pageOf(text)
  if (/\.ya?ml$/u.test(file)) return textsOf(text)
  return file.endsWith('.test.ts') ? testNamesOf(file, text) : wordsOf(file, text)
}

it('documentation and runbooks are in plain technical English', () => {
  expect(findings(/^(?:content\/.*|[A-Z]+)\.mdx?$/u)).toEqual([])
})

it('messages and comments of the runner, the programs and the site are in plain technical English', () => {
  expect(findings(/^(?:runner|scripts|src)\/.*(?<!\.test)\.(?:ts|astro)$/u)).toEqual([])
})

it('texts of settings and templates are in plain technical English', () => {
  expect(findings(/^content\/.*\.ya?ml$/u)).toEqual([])
})

it('the names of tests are in plain technical English', () => {
  expect(findings(/\.test\.ts$/u)).toEqual([])
})

it('a variable, function or type is named by a noun that says what it is', () => {
  const named = files
    .filter((file) => /^(?:runner|scripts|src|test)\/.*\.ts$/u.test(file))
    .flatMap((file) =>
      participlesOf(file, readFileSync(file, 'utf8')).map((one) => `${file}:${one.line}: ${one.form}`),
    )
  expect(named).toEqual([])
})

it.each([
  'const found = 1',
  'const [found] = a',
  'function f({ a: known }: A) {}',
  'type FoundRun = 1',
  'const writtenDocs = 1',
])('refuses the name in: %s', (code) => {
  expect(participlesOf('a.ts', code)).toHaveLength(1)
  expect(participlesOf('a.ts', 'const unknown = { found: 1, notFound: 2 }')).toEqual([])
})

it.each([
  ['What fails is tried again.', 'What'],
  ['The file is read. Nobody approves their own run.', 'Nobody'],
  ['The file is no list of steps.', 'is no'],
  ['A secret is that which is hidden.', 'that which'],
  ['The outcome is one nobody knows.', 'nobody knows'],
  ['Mend the cause.', 'Mend'],
  ['The rest is left as it is.', 'left as it is'],
  ['The value stands in the plan.', 'stands in'],
  ['A later call takes the run up again.', 'takes the run up'],
  ['The release is taken back.', 'taken back'],
  ['A waiting run is given up.', 'given up'],
  ['The step is passed over.', 'passed over'],
  ['The step was said to be done.', 'was said to'],
])('refuses in a page, a message and a comment: %s', (sentence, form) => {
  expect(findingsOf('page.md', `# Title\n\n${sentence}\n`)).toEqual([expect.stringContaining(form)])
  expect(findingsOf('a.ts', `fail(\`\${name}. ${sentence}\`)\n`)).toEqual([expect.stringContaining(form)])
  expect(findingsOf('a.ts', `/** ${sentence} */\nrun()\n`)).toEqual([expect.stringContaining(form)])
  expect(findingsOf('a.test.ts', `test.each([1])('${sentence}', run)\n`)).toEqual([
    expect.stringContaining(form),
  ])
  expect(findingsOf('a.yaml', `a: |\n  ${sentence}\n`)).toEqual([expect.stringContaining(form)])
  expect(findingsOf('a.astro', `---\nrun()\n---\n<p>\n  ${sentence}\n</p>\n`)).toEqual([
    expect.stringMatching(/^5: /u),
  ])
})

it('names the line, the form and the plain words', () => {
  expect(findingsOf('page.md', '# Title\n\nThe first line\nis no list.\n')).toEqual([
    '4: is no …: is no l; plain: `is not a …`',
  ])
})

it('leaves questions, code and existence alone', () => {
  const page =
    'What does it do? There is no server. It is no longer `what is no word` used.\n\n```sh\necho mend\n```\n'
  expect(findingsOf('page.md', page)).toEqual([])
})

it('refuses a sentence of more than thirty words, except in a list or a table', () => {
  const long = `${'word '.repeat(31).trim()}.\n`
  expect(findingsOf('page.md', long)).toEqual([expect.stringContaining('31 words')])
  expect(findingsOf('page.md', `- ${long}\n| ${long} |\n`)).toEqual([])
})
