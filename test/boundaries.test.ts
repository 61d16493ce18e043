import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, posix, resolve } from 'node:path'
import { beforeAll, expect, test } from 'vitest'

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
  'runner/team': {
    may: [...runner('model', 'journal', 'engine'), 'pg', '@dbos-inc/dbos-sdk', 'node:fs'],
    mayNot: [...runner('kit', 'commands', 'config.ts', 'library.ts'), ...outside, ...processes],
  },
  'runner/check': {
    may: [...runner('model', 'kinds', 'cache.ts', 'library.ts'), 'node:child_process', 'node:fs'],
    mayNot: [...runner('journal', 'engine', 'kit', 'commands'), ...outside],
  },
  'runner/scenarios': {
    may: runner('model', 'kinds', 'journal', 'engine'),
    mayNot: [...runner('kit', 'commands', 'config.ts', 'library.ts'), ...outside, ...processes, 'node:fs'],
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
  'src/data/runs/judge-signatures.ts': {
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

/** One line per spelling of each import, so that a finding names the import it refuses by its line. */
const spell = (from: string, targets: string[]) =>
  targets
    .flatMap((to) => spellings.map((spelling) => ({ spelling, path: specifier(from, to) })))
    .map(({ spelling, path }, index) => spelling(path, `it${index}`))

const importer = (from: string) => (isFile(from) ? from : `${from}/importer.ts`)
const defaultExport = 'export default { a: 1 }\n'

/** Every file that is written for the purpose; one process looks at all of them. */
const planted: Record<string, string> = {
  ...Object.fromEntries(
    Object.entries(boundaries).map(([from, { may, mayNot }]) => [
      importer(from),
      `${spell(from, [...mayNot, ...may]).join('\n')}\n`,
    ]),
  ),
  'src/pages/page.astro': `---\nimport { run } from '../../runner/engine/it.ts'\n---\n<p>{run}</p>\n`,
  'runner/engine/a.ts': `import type { B } from './b.ts'\nexport type A = { b: B }\n`,
  'runner/engine/b.ts': `import type { A } from './a.ts'\nexport type B = { a: A }\n`,
  'runner/engine/default.ts': defaultExport,
  'runbook.config.ts': defaultExport,
  'astro.config.mjs': defaultExport,
  'runner/engine/promise.ts': `import { appendFile } from 'node:fs/promises'\nappendFile('a', 'b')\n`,
}

const root = resolve(import.meta.dirname, '..')
let findings: { rule: string; file: string; line: number | undefined }[]

beforeAll(() => {
  const project = mkdtempSync(join(tmpdir(), 'boundaries-'))
  for (const file of ['.oxlintrc.json', 'tsconfig.json']) cpSync(join(root, file), join(project, file))
  symlinkSync(join(root, 'node_modules'), join(project, 'node_modules'))
  for (const [file, text] of Object.entries(planted)) {
    mkdirSync(dirname(join(project, file)), { recursive: true })
    writeFileSync(join(project, file), text)
  }
  const oxlint = join(root, 'node_modules/.bin/oxlint')
  const { stdout } = spawnSync(oxlint, ['-f', 'json', '--type-aware', ...Object.keys(planted)], {
    cwd: project,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  })
  const { diagnostics } = JSON.parse(stdout) as {
    diagnostics: { code: string; filename: string; labels: { span: { line: number } }[] }[]
  }
  rmSync(project, { recursive: true, force: true })
  findings = diagnostics.map(({ code, filename, labels }) => ({
    rule: code,
    file: filename,
    line: labels[0]?.span.line,
  }))
})

/** What the project's own configuration has to say about a planted file, as `rule:line`. */
const about = (file: string) =>
  findings.filter((finding) => finding.file === file).map(({ rule, line }) => `${rule}:${line}`)

test.each(Object.entries(boundaries))('%s keeps to its boundary', (from, { may, mayNot }) => {
  const places = about(importer(from))
  const refused = spell(from, [...mayNot, ...may]).filter((_, index) =>
    places.includes(`eslint(no-restricted-imports):${index + 1}`),
  )
  expect(refused).toEqual(spell(from, mayNot))
})

test('an Astro page is held to the boundaries of src', () => {
  expect(about('src/pages/page.astro')).toContain('eslint(no-restricted-imports):2')
})

test('a cycle is refused, between types as well', () => {
  expect(about('runner/engine/a.ts')).toContain('import(no-cycle):1')
})

test('a default export is refused except in a configuration file', () => {
  const refused = (file: string) => about(file).includes('import(no-default-export):1')
  expect(['runner/engine/default.ts', 'runbook.config.ts', 'astro.config.mjs'].filter(refused)).toEqual([
    'runner/engine/default.ts',
  ])
})

test('a promise that is not awaited is refused', () => {
  expect(about('runner/engine/promise.ts')).toEqual(['typescript(no-floating-promises):2'])
})
