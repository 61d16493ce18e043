import {
  chmodSync,
  closeSync,
  lstatSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { addWhole, replaceFile, replaceFileByCopy, writeNewFile, writeWhole } from './write-whole.ts'

let root: string
beforeEach(() => void (root = mkdtempSync(join(tmpdir(), 'runbook-whole-'))))
afterEach(() => rmSync(root, { recursive: true, force: true }))

test('who reads a file while it is written has the old content whole', () => {
  const file = join(root, 'rules.yml')
  writeFileSync(file, 'old')
  chmodSync(file, 0o640)
  const reader = openSync(file, 'r')
  replaceFile(file, 'new')
  expect([readFileSync(reader, 'utf8'), readFileSync(file, 'utf8')]).toEqual(['old', 'new'])
  closeSync(reader)
  expect(statSync(file).mode & 0o777).toBe(0o640)
  expect(readdirSync(root)).toEqual(['rules.yml'])
})

test.each([0o664, 0o600, 0o755])('a file keeps its permissions %o, whatever the umask is', (mode) => {
  const file = join(root, 'rules.yml')
  writeFileSync(file, 'old')
  chmodSync(file, mode)
  replaceFile(file, 'new')
  expect(statSync(file).mode & 0o777).toBe(mode)
})

test.skipIf(process.getuid?.() === 0)('a file that may not be written is not replaced', () => {
  const file = join(root, 'rules.yml')
  writeFileSync(file, 'old', { mode: 0o400 })
  expect(() => replaceFile(file, 'new')).toThrow('EACCES')
  expect([readFileSync(file, 'utf8'), readdirSync(root)]).toEqual(['old', ['rules.yml']])
})

test('a file that cannot be written leaves nothing', () => {
  expect(() => replaceFile(join(root, 'missing/report.html'), 'new')).toThrow('ENOENT')
  expect(readdirSync(root)).toEqual([])
})

test('a user’s link stays a link, a draft of theirs stays, and a device is written to', () => {
  writeFileSync(join(root, 'real.tmp'), 'mine')
  writeFileSync(join(root, 'real'), 'old')
  symlinkSync('real', join(root, 'link'))
  replaceFile(join(root, 'link'), 'new')
  expect(lstatSync(join(root, 'link')).isSymbolicLink()).toBe(true)
  expect(readFileSync(join(root, 'real'), 'utf8')).toBe('new')
  replaceFile('/dev/null', 'new')
  expect(readdirSync(root)).toEqual(['link', 'real', 'real.tmp'])
  expect(readFileSync(join(root, 'real.tmp'), 'utf8')).toBe('mine')
})

test('a copy takes the place of a file, which keeps its link and permissions', () => {
  writeFileSync(join(root, 'kept'), 'from before')
  writeFileSync(join(root, 'real'), 'changed')
  chmodSync(join(root, 'real'), 0o640)
  symlinkSync('real', join(root, 'link'))
  replaceFileByCopy(join(root, 'link'), join(root, 'kept'))
  expect(readFileSync(join(root, 'real'), 'utf8')).toBe('from before')
  expect(statSync(join(root, 'real')).mode & 0o777).toBe(0o640)
  expect(lstatSync(join(root, 'link')).isSymbolicLink()).toBe(true)
  expect(readdirSync(root)).toEqual(['kept', 'link', 'real'])
})

test('a new file of a user has the permissions of any other, and takes no place of a file or a link', () => {
  writeNewFile(join(root, 'a.mdx'), 'new')
  writeFileSync(join(root, 'b.mdx'), 'old')
  symlinkSync('nowhere', join(root, 'c.mdx'))
  expect(statSync(join(root, 'a.mdx')).mode).toBe(statSync(join(root, 'b.mdx')).mode)
  for (const name of ['a.mdx', 'b.mdx', 'c.mdx'])
    expect(() => writeNewFile(join(root, name), 'later')).toThrow('EEXIST')
  expect(() => writeNewFile(join(root, 'missing/d.mdx'), 'new')).toThrow('ENOENT')
  expect(readFileSync(join(root, 'a.mdx'), 'utf8')).toBe('new')
  expect(readdirSync(root)).toEqual(['a.mdx', 'b.mdx', 'c.mdx'])
})

test('a file of ours takes the place of a link, and leaves alone what the link leads to', () => {
  writeFileSync(join(root, 'mine'), 'mine')
  symlinkSync('mine', join(root, 'head.json'))
  writeWhole(join(root, 'head.json'), 'new')
  expect([lstatSync(join(root, 'head.json')).isFile(), readFileSync(join(root, 'mine'), 'utf8')]).toEqual([
    true,
    'mine',
  ])
  expect(statSync(join(root, 'head.json')).mode & 0o777).toBe(0o600)
  expect(() => writeWhole(join(root, 'missing/head.json'), 'new')).toThrow('ENOENT')
  expect(readdirSync(root)).toEqual(['head.json', 'mine'])
})

test('of two who add one file the first stays', () => {
  expect(['first', 'second'].map((text) => addWhole(join(root, 'machine'), text))).toEqual([true, false])
  expect(readFileSync(join(root, 'machine'), 'utf8')).toBe('first')
  expect(readdirSync(root)).toEqual(['machine'])
})
