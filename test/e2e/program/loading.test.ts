import { spawnSync } from 'node:child_process'
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { commandStep, page, testedFolder, workspace } from '../../support/workspace.ts'
import type { Workspace } from '../../support/workspace.ts'

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

let space: Workspace
beforeAll(() => void (space = workspace({ 'content/runbooks/x.mdx': page(commandStep('a', 'true')) })))
afterAll(() => space[Symbol.dispose]())

const main = join(root, 'runner/main.mjs')
const seen = new Map<string, string[]>()

/** Every module that a call loads: the path of a file, or a name such as `node:fs`. One that was made is not made again. */
function loadedBy(args: readonly string[]): string[] {
  const modules = seen.get(args.join(' ')) ?? modulesOf([main, ...args])
  seen.set(args.join(' '), modules)
  return modules
}

/** The same of any program; `cache` is the folder of what is known of documents. */
function modulesOf(program: readonly string[], cache = 'off'): string[] {
  const env = { ...process.env, RUNBOOK_CACHE: cache }
  const { stderr: said } = spawnSync(process.execPath, ['--import', hook, ...program], {
    cwd: space.root,
    env,
    encoding: 'utf8',
  })
  return [...said.matchAll(/^loaded (?:file:\/\/)?(\S+)$/gm)].map(([, path = '']) => path)
}

/** Files below runner/commands that a call loads, without the declarations. */
function bodiesOf(args: readonly string[]): string[] {
  return loadedBy(args)
    .filter((path) => path.startsWith(`${commands}/`) && !path.endsWith('/index.ts'))
    .map((path) => path.slice(commands.length + 1))
}

/** The packages that only operations need. */
const clients = /node_modules\/(nodemailer|@redis\/client|@openfeature|tar-stream|playwright-core)\//

test('help and completion are made from the declarations, without the body of any command', () => {
  const light = ['main.ts', 'shared/options.ts']
  expect(bodiesOf(['--help']).toSorted()).toEqual(light)
  expect(bodiesOf(['exec', '--help']).toSorted()).toEqual(light)
})

/** The libraries that read documents and values. */
const librariesIn = (modules: readonly string[]): string[] => [
  ...new Set(modules.flatMap((path) => /node_modules\/(re2js|yaml|zod)\//.exec(path)?.[1] ?? [])),
]

test('help needs no schemas, no patterns and no YAML; a run of a document that was read before, neither patterns nor YAML', () => {
  const cache = join(space.root, 'cache')
  const loadedForRun = (): string[] => modulesOf([main, 'exec', 'x', '--yes'], cache)
  expect(librariesIn(loadedBy(['--help']))).toEqual([])
  expect(librariesIn(loadedForRun())).toEqual(expect.arrayContaining(['re2js', 'yaml']))
  expect(librariesIn(loadedForRun())).toEqual(['zod'])
})

test('the process that starts steps comes without cryptography, which takes longer to load than all else of it', () => {
  const loaded = modulesOf([join(root, 'runner/engine/process/shim/main.mjs')])
  expect(loaded).toContain('node:child_process')
  expect(loaded).not.toContain('node:crypto')
})

test('as installed, the code that a run or a check loads takes one byte for each character', () => {
  const installed = join(testedFolder, 'bin', 'main.mjs')
  for (const args of [['exec', 'x', '--yes'], ['check']]) {
    const files = modulesOf([installed, ...args]).filter((path) => path.startsWith(testedFolder))
    expect(files.length).toBeGreaterThan(5)
    // V8 holds a whole text in two bytes a character for one that is beyond Latin-1.
    for (const file of files)
      expect(/[^\0-\u00FF]/.exec(readFileSync(file, 'utf8'))?.[0], file).toBeUndefined()
  }
})

test('as installed, little is loaded before compiled code is looked for: the rest of a start is kept compiled', () => {
  const files = modulesOf([join(testedFolder, 'bin', 'main.mjs'), '--help'])
  const first = files.findIndex((path) => path.includes('/chunks/main-'))
  expect(first).toBeGreaterThan(1)
  const sizes = files.slice(0, first).map((path) => (path.startsWith(testedFolder) ? statSync(path).size : 0))
  expect(sizes.reduce((sum, size) => sum + size)).toBeLessThan(20_000)
})

test('as installed, a run loads no part of Node that only other names of its modules need', () => {
  const told = `data:text/javascript,${encodeURIComponent(
    "process.on('exit', () => process.stderr.write(process.moduleLoadList.join('\\n')))",
  )}`
  const program = ['--import', told, join(testedFolder, 'bin', 'main.mjs'), 'exec', 'x', '--yes']
  const run = spawnSync(process.execPath, program, {
    cwd: space.root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  expect(run.status).toBe(0)
  const parts = run.stderr.split('\n')
  expect(parts).toContain('NativeModule crypto')
  for (const part of ['crypto/webcrypto', 'fs/promises', 'fs/streams', 'readline/interface'])
    expect(parts).not.toContain(`NativeModule internal/${part}`)
})

test('exec loads what it runs, and the body of no other command', () => {
  const folders = new Set(bodiesOf(['exec', 'x', '--yes']).map((path) => path.split('/')[0]))
  expect(folders).toEqual(new Set(['exec', 'main.ts', 'shared']))
})

test('the operations and their clients are loaded by the command that needs them, and by no other', () => {
  const operations = (args: string[]): string[] =>
    loadedBy(args)
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
  const isOfProtocol = (path: string): boolean => path.includes(library)
  for (const args of [['exec', 'x', '--yes'], ['serve', '--help'], ['skills', '--dry-run'], ['--help']])
    expect(loadedBy(args).some(isOfProtocol), args.join(' ')).toBe(false)
  expect(loadedBy([name]).some(isOfProtocol)).toBe(true)
})
