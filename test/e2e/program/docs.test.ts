import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { binary, workspace } from '../../support/workspace.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const docs = join(root, 'content', 'docs')

/** The `sh` fences of a page that are not marked `no-run`, as one script. */
function commandsOf(path: string): string {
  const fences = readFileSync(path, 'utf8').matchAll(/^```sh[ \t]*(.*)\n([\s\S]*?)^```$/gm)
  return [...fences]
    .filter(([, mark]) => mark !== 'no-run')
    .map(([, , code]) => code ?? '')
    .join('\n')
}

/** Runs a script as the page says it, with `npx runbook` being this program. */
function runCommands(script: string, cwd: string): string {
  using tools = workspace({})
  const npx = join(tools.root, 'npx')
  mkdirSync(tools.root, { recursive: true })
  writeFileSync(npx, `#!/bin/sh\nshift\nexec "${process.execPath}" "${binary}" "$@"\n`, { mode: 0o755 })
  const env = {
    ...process.env,
    PATH: `${tools.root}${delimiter}${process.env['PATH']}`,
    RUNBOOK_ACTOR: 'alice@example.com',
    RUNBOOK_STATE: join(tools.root, 'state'),
  }
  return execFileSync('bash', ['-euo', 'pipefail', '-c', script], {
    cwd,
    env,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

const pages = readdirSync(docs)
  .filter((name) => /\.mdx?$/.test(name))
  .map((name) => join(docs, name))
  .filter((path) => commandsOf(path) !== '')

test.for(pages)('every command of %s runs', (path) => {
  using space = workspace({})
  expect(() => runCommands(commandsOf(path), space.root)).not.toThrow()
})

test('getting started ends where it says: the greeting was there, and is rolled back', () => {
  using space = workspace({})
  const out = runCommands(commandsOf(join(docs, 'getting-started.md')), space.root)
  expect(out).toContain('exit code 1')
  expect(out).toContain('Hello, Ada!')
  expect(readdirSync(join(space.root, 'public'))).toEqual([])
})

test('the commands of the README that are not marked run in this repository', () => {
  expect(() => runCommands(commandsOf(join(root, 'README.md')), root)).not.toThrow()
})
