import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeEach, expect, test } from 'vitest'
import { partialOf } from '../../runner/partial-folder.ts'
import { filesBelow } from './built-pages.ts'
import { digestOfBytes } from './digest.ts'
import { standingFiles } from './standing-files.ts'
import type { StandingFiles } from './standing-files.ts'

const root = mkdtempSync(join(tmpdir(), 'runbook-standing-'))
const [site, out, list] = [
  join(root, 'site'),
  partialOf(join(root, 'site')),
  join(root, 'cache/standing.json'),
]
afterAll(() => rmSync(root, { recursive: true, force: true }))

function write(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
}

function begin(): StandingFiles {
  rmSync(out, { recursive: true, force: true })
  mkdirSync(out, { recursive: true })
  return standingFiles(out, site, list)
}

// A site of an earlier build, which left all of its files but one.
beforeEach(() => {
  rmSync(root, { recursive: true, force: true })
  const first = begin()
  const files = ['a/index.html', 'b/index.html', 'c.md', 'search/1', 'search/2']
  for (const file of [...files, 'sw.js']) write(join(out, file), file)
  first.leave(files)
  renameSync(out, site)
})

test('a build has the files that the one before left, and of the site itself', () => {
  const build = begin()
  expect(filesBelow(out)).toEqual(['a/index.html', 'b/index.html', 'c.md', 'search/1', 'search/2'])
  expect(statSync(join(out, 'c.md')).ino).toBe(statSync(join(site, 'c.md')).ino)
  expect(build.isWhole('search/')).toBe(true)
  expect(build.isWhole('none/')).toBe(false)
})

test('a file that was altered since is not taken', () => {
  write(join(site, 'search/2'), 'other')
  rmSync(join(site, 'c.md'))
  const build = begin()
  expect(filesBelow(out)).toEqual(['a/index.html', 'b/index.html', 'search/1'])
  expect(build.isWhole('search/')).toBe(false)
})

test('files that are written or that a build does not have leave the site as it was', () => {
  const build = begin()
  build.release('a/index.html')
  write(join(out, 'a/index.html'), 'new')
  build.release('sw.js')
  build.remove((file) => file.endsWith('index.html'))
  expect(filesBelow(out)).toEqual(['a/index.html', 'c.md', 'search/1', 'search/2'])
  expect(existsSync(join(out, 'b'))).toBe(false)
  for (const file of ['a/index.html', 'b/index.html'])
    expect(readFileSync(join(site, file), 'utf8')).toBe(file)
})

test('a digest is that of the file, whichever build wrote it', () => {
  const digest = digestOfBytes('c.md')
  const second = begin()
  expect(second.digestOf('c.md')).toBe(digest)
  second.leave(['c.md'])
  rmSync(site, { recursive: true })
  renameSync(out, site)
  const third = begin()
  expect(third.digestOf('c.md')).toBe(digest)
  third.release('c.md')
  write(join(out, 'c.md'), 'new')
  expect(third.digestOf('c.md')).toBe(digestOfBytes('new'))
})

test('nothing is taken after a build that did not end, or when the list cannot be read', () => {
  begin()
  begin()
  expect(filesBelow(out)).toEqual([])
  write(list, '{')
  begin()
  expect(filesBelow(out)).toEqual([])
})
