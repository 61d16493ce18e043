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
import { putFile } from './put-file.ts'

let root: string
beforeEach(() => void (root = mkdtempSync(join(tmpdir(), 'runbook-put-'))))
afterEach(() => rmSync(root, { recursive: true, force: true }))

test('who reads a file while it is written has the old content whole', () => {
  const file = join(root, 'rules.yml')
  writeFileSync(file, 'old')
  chmodSync(file, 0o640)
  const reader = openSync(file, 'r')
  putFile(file, 'new')
  expect([readFileSync(reader, 'utf8'), readFileSync(file, 'utf8')]).toEqual(['old', 'new'])
  closeSync(reader)
  expect(statSync(file).mode & 0o777).toBe(0o640)
  expect(readdirSync(root)).toEqual(['rules.yml'])
})

test.each([0o664, 0o600, 0o755])('a file keeps its permissions %o, whatever the umask is', (mode) => {
  const file = join(root, 'rules.yml')
  writeFileSync(file, 'old')
  chmodSync(file, mode)
  putFile(file, 'new')
  expect(statSync(file).mode & 0o777).toBe(mode)
})

test.skipIf(process.getuid?.() === 0)('a file that may not be written is not replaced', () => {
  const file = join(root, 'rules.yml')
  writeFileSync(file, 'old', { mode: 0o400 })
  expect(() => putFile(file, 'new')).toThrow('EACCES')
  expect([readFileSync(file, 'utf8'), readdirSync(root)]).toEqual(['old', ['rules.yml']])
})

test('a file that cannot be written leaves nothing', () => {
  expect(() => putFile(join(root, 'missing/report.html'), 'new')).toThrow('ENOENT')
  expect(readdirSync(root)).toEqual([])
})

test('a link stays a link, and a device is written to', () => {
  writeFileSync(join(root, 'real'), 'old')
  symlinkSync('real', join(root, 'link'))
  putFile(join(root, 'link'), 'new')
  expect(lstatSync(join(root, 'link')).isSymbolicLink()).toBe(true)
  expect(readFileSync(join(root, 'real'), 'utf8')).toBe('new')
  putFile('/dev/null', 'new')
})
