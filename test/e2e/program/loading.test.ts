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

/** Every module that a program loads: the path of a file, or a name such as `node:fs`. */
function modulesOf(cwd: string, args: readonly string[], cache = 'off'): string[] {
  const env = { ...process.env, RUNBOOK_CACHE: cache }
  const { stderr: said } = spawnSync(process.execPath, ['--import', hook, ...args], {
    cwd,
    env,
    encoding: 'utf8',
  })
  return [...said.matchAll(/^loaded (?:file:\/\/)?(\S+)$/gm)].map(([, path = '']) => path)
}

/** Every module that a call of the program loads. */
function loadedBy(cwd: string, args: readonly string[], cache?: string): string[] {
  return modulesOf(cwd, [join(root, 'runner/main.mjs'), ...args], cache)
}

/** Files below runner/commands that a call loads, without the declarations. */
function bodiesOf(cwd: string, args: readonly string[]): string[] {
  return loadedBy(cwd, args)
    .filter((path) => path.startsWith(`${commands}/`) && !path.endsWith('/index.ts'))
    .map((path) => path.slice(commands.length + 1))
}

/** The packages that only operations need. */
const clients = /node_modules\/(nodemailer|@redis\/client|@openfeature|tar-stream|playwright-core)\//

test('help and completion are made from the declarations, without the body of any command', () => {
  using space = workspace({ 'content/runbooks/x.mdx': page(commandStep('a', 'true')) })
  const light = ['main.ts', 'shared/options.ts']
  expect(bodiesOf(space.root, ['--help']).toSorted()).toEqual(light)
  expect(bodiesOf(space.root, ['exec', '--help']).toSorted()).toEqual(light)
})

test('help needs no schemas, no patterns and no YAML; a run of a document that was read before, no YAML', () => {
  using space = workspace({ 'content/runbooks/x.mdx': page(commandStep('a', 'true')) })
  const libraries = (args: readonly string[], cache?: string): string[] => [
    ...new Set(
      loadedBy(space.root, args, cache).flatMap(
        (path) => /node_modules\/(re2js|yaml|zod)\//.exec(path)?.[1] ?? [],
      ),
    ),
  ]
  const cache = join(space.root, 'cache')
  expect(libraries(['--help'])).toEqual([])
  expect(libraries(['exec', 'x', '--yes'], cache)).toContain('yaml')
  expect(libraries(['exec', 'x', '--yes'], cache)).not.toContain('yaml')
})

test('the process that starts steps comes without cryptography, which takes longer to load than all else of it', () => {
  const loaded = modulesOf(root, [join(root, 'runner/engine/process/shim/main.mjs')])
  expect(loaded).toContain('node:child_process')
  expect(loaded).not.toContain('node:crypto')
})

test('exec loads what it runs, and the body of no other command but plan', () => {
  using space = workspace({ 'content/runbooks/x.mdx': page(commandStep('a', 'true')) })
  const folders = new Set(bodiesOf(space.root, ['exec', 'x', '--yes']).map((path) => path.split('/')[0]))
  expect(folders).toEqual(new Set(['exec', 'main.ts', 'plan', 'shared']))
})

test('the operations and their clients are loaded by the command that needs them, and by no other', () => {
  using space = workspace({ 'content/runbooks/x.mdx': page(commandStep('a', 'true')) })
  const operations = (args: string[]): string[] =>
    loadedBy(space.root, args)
      .filter((path) => path.startsWith(`${root}/scripts/`) || clients.test(path))
      .map((path) => clients.exec(path)?.[1] ?? path.slice(root.length + 1))
  for (const args of [['exec', 'x', '--yes'], ['runs'], ['--help']])
    expect(operations(args), args.join(' ')).toEqual(['scripts/programs.ts'])
  expect(operations(['presets'])).not.toContain('scripts/traffic.ts')
  const some = (args: string[]): string[] => operations(args).filter((name) => !name.startsWith('scripts/'))
  for (const name of ['traffic', 'notify', 'status', 'smoke', 'frontend-check'])
    expect(some([name, '--help']), name).toEqual([])
})

test.each([
  ['of agents', 'mcp', '/@modelcontextprotocol/'],
  ['of editors', 'lsp', '/vscode-languageserver-protocol/'],
])('the protocol %s is loaded by `runbook %s`, and by no other command', (_, name, library) => {
  using space = workspace({ 'content/runbooks/x.mdx': page(commandStep('a', 'true')) })
  const isOfProtocol = (path: string): boolean => path.includes(library)
  for (const args of [['exec', 'x', '--yes'], ['serve', '--help'], ['skills', '--dry-run'], ['--help']])
    expect(loadedBy(space.root, args).some(isOfProtocol), args.join(' ')).toBe(false)
  expect(loadedBy(space.root, [name]).some(isOfProtocol)).toBe(true)
})
