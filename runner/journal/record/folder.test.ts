import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  copyWithin,
  endWithin,
  hashWithin,
  listWithin,
  readTextWithin,
  sizeWithin,
  startWithin,
} from './folder.ts'

const root = mkdtempSync(join(tmpdir(), 'folder-'))
const run = join(root, 'run')
afterAll(() => rmSync(root, { recursive: true, force: true }))

beforeAll(() => {
  mkdirSync(join(run, 'steps'), { recursive: true })
  mkdirSync(join(root, 'private'))
  writeFileSync(join(root, 'private', 'key'), 'secret')
  writeFileSync(join(run, 'steps', 'a.1.stdout'), 'printed')
  symlinkSync(join(root, 'private', 'key'), join(run, 'document.mdx'))
  symlinkSync(join(root, 'private'), join(run, 'steps', 'b'))
  execFileSync('mkfifo', [join(run, 'pipe')])
})

test.each([
  'document.mdx',
  'steps/b/key',
  '../private/key',
  'steps/../../private/key',
  'pipe',
  'steps',
  '',
  '/etc/passwd',
])('what lies behind %j is not read, measured, hashed or copied', (name) => {
  expect(sizeWithin(run, name)).toBeUndefined()
  expect(readTextWithin(run, name)).toBeUndefined()
  expect(startWithin(run, name, 10)).toBeUndefined()
  expect(endWithin(run, name, 10)).toBeUndefined()
  expect(hashWithin(run, name)).toBeUndefined()
  expect(copyWithin(run, name, join(root, 'copy'))).toBe(false)
})

test('a folder is listed without following its links, which are named', () => {
  expect(listWithin(run, 'steps')).toEqual({ files: ['steps/a.1.stdout'], links: ['steps/b'] })
  symlinkSync('/', join(root, 'steps'))
  expect(listWithin(root, 'steps')).toEqual({ files: [], links: ['steps'] })
})

test('a file that is longer than memory has its ends read at once', () => {
  const file = join(run, 'steps', 'long.1.stdout')
  writeFileSync(file, 'first')
  truncateSync(file, 3 * 2 ** 30)
  expect(startWithin(run, 'steps/long.1.stdout', 5)?.toString()).toBe('first')
  expect(endWithin(run, 'steps/long.1.stdout', 8192)).toHaveLength(8192)
  expect(() => readTextWithin(run, 'steps/long.1.stdout')).toThrow(/3221225472 bytes, more than/)
  rmSync(file)
})

test('a file of a quarter of a gigabyte is hashed in a few megabytes', () => {
  const file = join(run, 'steps', 'big.1.stdout')
  writeFileSync(file, '')
  truncateSync(file, 2 ** 28)
  const before = process.memoryUsage().rss
  expect(hashWithin(run, 'steps/big.1.stdout')).toBe(
    'a6d72ac7690f53be6ae46ba88506bd97302a093f7108472bd9efc3cefda06484',
  )
  expect(process.memoryUsage().rss - before).toBeLessThan(64 * 2 ** 20)
  rmSync(file)
})
