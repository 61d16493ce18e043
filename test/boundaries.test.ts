import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, posix, resolve } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'

const processes = ['node:child_process', 'child_process', 'node:cluster', 'execa', 'zx']
const outside = ['src', 'scripts', 'test']
const runner = (...names: string[]) => names.map((name) => `runner/${name}`)

/** Who may import whom. A name that starts with one of our folders is ours, every other one is a package. */
const boundaries: Record<string, { may: string[]; mayNot: string[] }> = {
  'runner/model': {
    may: [...runner('model'), 'unified', 'zod'],
    mayNot: [
      ...runner('kinds', 'journal', 'engine', 'kit', 'commands', 'config.ts', 'library.ts', 'index.ts'),
      ...outside,
      ...processes,
      'astro',
      'node:fs',
      'node:fs/promises',
    ],
  },
  'runner/kinds': {
    may: [...runner('model', 'kinds/gate'), 'zod'],
    mayNot: [
      ...runner('journal', 'engine', 'kit', 'commands', 'config.ts', 'library.ts'),
      ...outside,
      ...processes,
    ],
  },
  'runner/kinds/gate': {
    may: [...runner('model', 'kinds'), 'zod'],
    mayNot: [
      ...runner('journal', 'engine', 'kit', 'commands', 'config.ts', 'library.ts'),
      ...outside,
      ...processes,
    ],
  },
  'runner/journal': {
    may: [...runner('model'), 'node:fs'],
    mayNot: [
      ...runner('kinds', 'engine', 'kit', 'commands', 'config.ts', 'library.ts'),
      ...outside,
      ...processes,
    ],
  },
  'runner/alerts': {
    may: [...runner('model', 'kinds', 'journal', 'alerts/read'), 'yaml', 'node:fs', 'node:http'],
    mayNot: [...runner('engine', 'kit', 'commands', 'config.ts', 'library.ts'), ...outside, ...processes],
  },
  'runner/pages': {
    may: [...runner('model', 'kinds', 'journal'), 'node:fs'],
    mayNot: [...runner('engine', 'kit', 'commands', 'config.ts', 'library.ts'), ...outside, ...processes],
  },
  ...Object.fromEntries(
    runner('status', 'stats', 'postmortem').map((folder) => [
      folder,
      {
        may: [...runner('model', 'journal', 'status/read'), 'yaml', 'node:fs'],
        mayNot: [...runner('engine', 'kit', 'commands', 'config.ts', 'library.ts'), ...outside, ...processes],
      },
    ]),
  ),
  'runner/engine': {
    may: [...runner('model', 'kinds', 'journal', 'engine/spawn'), 'node:child_process', 'execa'],
    mayNot: [...runner('kit', 'commands', 'config.ts', 'library.ts'), ...outside],
  },
  'runner/check': {
    may: [...runner('model', 'kinds', 'cache.ts', 'library.ts'), 'node:child_process', 'node:fs'],
    mayNot: [...runner('journal', 'engine', 'kit', 'commands'), ...outside],
  },
  'runner/kit': {
    may: [...runner('model'), 'node:fs', '@clack/prompts'],
    mayNot: [
      ...runner('kinds', 'journal', 'engine', 'check', 'alerts', 'commands', 'config.ts', 'library.ts'),
      ...outside,
      ...processes,
    ],
  },
  'runner/commands': {
    may: [...runner('model', 'kinds', 'journal', 'engine', 'kit', 'config.ts', 'library.ts'), 'scripts'],
    mayNot: ['src', 'test', ...processes],
  },
  'runner/config.ts': {
    may: runner('model', 'kinds'),
    mayNot: [...runner('engine', 'kit', 'commands'), ...outside, ...processes],
  },
  'runner/library.ts': {
    may: runner('model', 'kinds'),
    mayNot: [...runner('engine', 'kit', 'commands'), ...outside, ...processes],
  },
  'runner/index.ts': {
    may: runner('model', 'kinds', 'journal', 'engine', 'config.ts', 'library.ts'),
    mayNot: ['src', 'test', ...processes],
  },
  src: {
    may: [
      ...runner('model', 'kinds', 'journal', 'pages', 'status', 'stats', 'config.ts', 'library.ts'),
      'src/components',
    ],
    mayNot: [...runner('engine', 'kit', 'commands', 'index.ts'), 'scripts', 'test', ...processes],
  },
  'src/build/git-log.ts': {
    may: ['node:child_process'],
    mayNot: [
      ...runner('model', 'engine', 'kit', 'commands'),
      'src',
      'scripts',
      'test',
      'node:cluster',
      'execa',
    ],
  },
  'src/pages/runs': {
    may: [...runner('model', 'kinds', 'journal'), 'src'],
    mayNot: [...runner('engine', 'kit', 'commands', 'index.ts'), 'scripts', 'test', ...processes],
  },
  'src/data/judge-signatures.ts': {
    may: runner('model', 'journal', 'pages', 'engine/sign'),
    mayNot: [
      ...runner('engine', 'engine/process', 'kit', 'commands', 'index.ts'),
      'scripts',
      'test',
      ...processes,
    ],
  },
  scripts: { may: [...runner('kinds', 'journal'), 'scripts/lab', ...processes], mayNot: ['src'] },
  test: { may: [...runner('engine', 'kit', 'commands'), 'src', 'scripts', ...processes], mayNot: [] },
}

const spellings: ((path: string, name: string) => string)[] = [
  (path, name) => `import * as ${name} from '${path}'`,
  (path, name) => `import type * as ${name} from '${path}'`,
  (path, name) => `export * as ${name} from '${path}'`,
  (path, name) => `const ${name} = await import('${path}')`,
]

const isFile = (name: string) => name.endsWith('.ts')

const specifier = (from: string, to: string) => {
  if (!/^(runner|src|scripts|test)\b/.test(to)) return to
  const path = posix.relative(isFile(from) ? posix.dirname(from) : from, isFile(to) ? to : `${to}/it.ts`)
  return path.startsWith('.') ? path : `./${path}`
}

const root = resolve(import.meta.dirname, '..')
let project: string

/** What the project's own configuration has to say, as `rule file:line`, about files written for the purpose. */
const lint = (files: Record<string, string>, ...flags: string[]): string[] => {
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(project, file)), { recursive: true })
    writeFileSync(join(project, file), text)
  }
  const oxlint = join(root, 'node_modules/.bin/oxlint')
  const { stdout } = spawnSync(oxlint, ['-f', 'json', ...flags, ...Object.keys(files)], {
    cwd: project,
    encoding: 'utf8',
  })
  const { diagnostics } = JSON.parse(stdout) as {
    diagnostics: { code: string; filename: string; labels: { span: { line: number } }[] }[]
  }
  return diagnostics.map(({ code, filename, labels }) => `${code} ${filename}:${labels[0]?.span.line}`)
}

/** One line per spelling of each import, so that a finding names the import it refuses by its line. */
const spell = (from: string, targets: string[]) =>
  targets
    .flatMap((to) => spellings.map((spelling) => ({ spelling, path: specifier(from, to) })))
    .map(({ spelling, path }, index) => spelling(path, `it${index}`))

beforeAll(() => {
  project = mkdtempSync(join(tmpdir(), 'boundaries-'))
  for (const file of ['.oxlintrc.json', 'tsconfig.json']) cpSync(join(root, file), join(project, file))
  symlinkSync(join(root, 'node_modules'), join(project, 'node_modules'))
})
afterAll(() => rmSync(project, { recursive: true, force: true }))

test.each(Object.entries(boundaries))('%s keeps to its boundary', (from, { may, mayNot }) => {
  const file = isFile(from) ? from : `${from}/importer.ts`
  const lines = spell(from, [...mayNot, ...may])
  const findings = lint({ [file]: `${lines.join('\n')}\n` })
  const refused = lines.filter((_, index) =>
    findings.includes(`eslint(no-restricted-imports) ${file}:${index + 1}`),
  )
  expect(refused).toEqual(spell(from, mayNot))
})

test('an Astro page is held to the boundaries of src', () => {
  const page = `---\nimport { run } from '../../runner/engine/it.ts'\n---\n<p>{run}</p>\n`
  expect(lint({ 'src/pages/page.astro': page })).toContain(
    'eslint(no-restricted-imports) src/pages/page.astro:2',
  )
})

test('a cycle is refused, between types as well', () => {
  const files = {
    'runner/engine/a.ts': `import type { B } from './b.ts'\nexport type A = { b: B }\n`,
    'runner/engine/b.ts': `import type { A } from './a.ts'\nexport type B = { a: A }\n`,
  }
  expect(lint(files)).toContain('import(no-cycle) runner/engine/a.ts:1')
})

test('a default export is refused except in a configuration file', () => {
  const text = 'export default { a: 1 }\n'
  const files = { 'runner/engine/default.ts': text, 'runbook.config.ts': text, 'astro.config.mjs': text }
  expect(lint(files)).toEqual(['import(no-default-export) runner/engine/default.ts:1'])
})

test('a promise nobody waits for is refused', () => {
  const text = `import { appendFile } from 'node:fs/promises'\nappendFile('a', 'b')\n`
  expect(lint({ 'runner/engine/promise.ts': text }, '--type-aware')).toEqual([
    'typescript(no-floating-promises) runner/engine/promise.ts:2',
  ])
})
