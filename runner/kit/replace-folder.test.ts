import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { replaceFolder } from './replace-folder.ts'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'runbook-replace-'))
  mkdirSync(join(root, 'site/.git'), { recursive: true })
  writeFileSync(join(root, 'site/.git/HEAD'), 'ref')
  writeFileSync(join(root, 'site/old.html'), 'old')
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

test('a folder is replaced as a whole, and keeps its repository', async () => {
  await replaceFolder(join(root, 'site'), ['old.html'], async (partial) => {
    expect(readdirSync(partial)).toEqual([])
    writeFileSync(join(partial, 'new.html'), 'new')
    expect(readdirSync(join(root, 'site'))).toContain('old.html')
    await Promise.resolve()
  })
  expect(readdirSync(join(root, 'site')).toSorted()).toEqual(['.git', 'new.html'])
  expect(readFileSync(join(root, 'site/.git/HEAD'), 'utf8')).toBe('ref')
  expect(readdirSync(root)).toEqual(['site'])
})

test('folders of the user beside it stay, whatever they are called', async () => {
  const names = ['site.before', 'site.old', 'site.partial']
  for (const name of names) mkdirSync(join(root, name))
  await replaceFolder(join(root, 'site'), ['old.html'], async (partial) => {
    writeFileSync(join(partial, 'new.html'), 'new')
  })
  expect(readdirSync(root)).toEqual(expect.arrayContaining(names))
})

test('a folder that is not there yet is made, with the folders above it', async () => {
  await replaceFolder(join(root, 'a/b'), [], async (partial) => {
    writeFileSync(join(partial, 'new.html'), 'new')
    await Promise.resolve()
  })
  expect(readdirSync(join(root, 'a'))).toEqual(['b'])
})

test('a failure leaves the folder as it was, and nothing beside it', async () => {
  const failing = replaceFolder(join(root, 'site'), ['old.html'], async (partial) => {
    writeFileSync(join(partial, 'new.html'), 'new')
    await Promise.resolve()
    throw new Error('dead link')
  })
  await expect(failing).rejects.toThrow('dead link')
  expect(readdirSync(root)).toEqual(['site'])
  expect(existsSync(join(root, 'site/old.html'))).toBe(true)
})

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('%s leaves the folder as it was, and nothing beside it', async (signal, code) => {
  const module = join(import.meta.dirname, 'replace-folder.ts')
  const script = `import { replaceFolder } from ${JSON.stringify(module)}
import { writeFileSync } from 'node:fs'
await replaceFolder(${JSON.stringify(join(root, 'site'))}, ['old.html'], async (partial) => {
  writeFileSync(partial + '/new.html', 'new')
  console.log('half')
  await new Promise((end) => setTimeout(end, 60_000))
})`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  await once(child.stdout, 'data')
  child.kill(signal)
  expect(await once(child, 'close')).toEqual([code, null])
  expect(readdirSync(root)).toEqual(['site'])
  expect(existsSync(join(root, 'site/old.html'))).toBe(true)
})

/** Replaces the folder in a process that is killed before its n-th rename. Returns false when there are fewer. */
function isKilledAt(rename: number): boolean {
  const module = join(import.meta.dirname, 'replace-folder.ts')
  const script = `import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
const { renameSync } = fs
let left = ${rename}
fs.renameSync = (...names) => (--left === 0 ? process.kill(process.pid, 'SIGKILL') : renameSync(...names))
syncBuiltinESMExports()
const { replaceFolder } = await import(${JSON.stringify(module)})
await replaceFolder(${JSON.stringify(join(root, 'site'))}, ['old.html'], async (partial) => fs.writeFileSync(partial + '/old.html', 'new'))`
  return spawnSync(process.execPath, ['--input-type=module', '-e', script]).signal === 'SIGKILL'
}

test('a kill between any two renames loses no repository, and the next replacement goes on', async () => {
  for (let rename = 1; isKilledAt(rename); rename++) {
    await replaceFolder(join(root, 'site'), ['old.html'], async (partial) => {
      writeFileSync(join(partial, 'old.html'), String(rename))
      await Promise.resolve()
    })
    expect(readFileSync(join(root, 'site/.git/HEAD'), 'utf8'), `rename ${rename}`).toBe('ref')
    expect(readdirSync(root)).toEqual(['site'])
    expect(readdirSync(join(root, 'site')).toSorted()).toEqual(['.git', 'old.html'])
  }
  expect(readFileSync(join(root, 'site/old.html'), 'utf8')).toBe('new')
})

test.each([
  ['has files of something else', 'notes'],
  ['contains the working directory', '.'],
])('a folder that %s is refused and stays as it was', async (why, name) => {
  const folder = name === '.' ? dirname(process.cwd()) : join(root, name)
  if (name !== '.') mkdirSync(join(folder, 'drafts'), { recursive: true })
  const before = readdirSync(folder)
  const replacing = replaceFolder(folder, ['old.html'], () => Promise.reject(new Error('made')))
  await expect(replacing).rejects.toThrow(why)
  expect(readdirSync(folder)).toEqual(before)
})
