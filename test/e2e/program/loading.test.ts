import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { commandStep, page, workspace } from '../../support/workspace.ts'

const root = join(import.meta.dirname, '../../..')
const commands = join(root, 'runner/commands')

/** Tells on standard error every file of the program that is loaded. */
const hook = `data:text/javascript,${encodeURIComponent(`
  import { registerHooks } from 'node:module'
  registerHooks({
    load(url, context, next) {
      process.stderr.write('loaded ' + url + '\\n')
      return next(url, context)
    },
  })
`)}`

/** Files below runner/commands that a call loads, without the declarations. */
function bodiesOf(cwd: string, args: readonly string[]): string[] {
  const env = { ...process.env, RUNBOOK_CACHE: 'off' }
  const { stderr: said } = spawnSync(
    process.execPath,
    ['--import', hook, join(root, 'runner/main.mjs'), ...args],
    { cwd, env, encoding: 'utf8' },
  )
  return [...said.matchAll(/^loaded file:\/\/(\S+)$/gm)]
    .map(([, path = '']) => path)
    .filter((path) => path.startsWith(`${commands}/`) && !path.endsWith('/index.ts'))
    .map((path) => path.slice(commands.length + 1))
}

test('help and completion are made from the declarations, without the body of any command', () => {
  using space = workspace({ 'content/runbooks/x.mdx': page(commandStep('a', 'true')) })
  const light = ['main.ts', 'shared/options.ts']
  expect(bodiesOf(space.root, ['--help']).toSorted()).toEqual(light)
  expect(bodiesOf(space.root, ['exec', '--help']).toSorted()).toEqual(light)
})

test('exec loads what it runs, and the body of no other command but plan', () => {
  using space = workspace({ 'content/runbooks/x.mdx': page(commandStep('a', 'true')) })
  const folders = new Set(bodiesOf(space.root, ['exec', 'x', '--yes']).map((path) => path.split('/')[0]))
  expect(folders).toEqual(new Set(['exec', 'main.ts', 'plan', 'shared']))
})
