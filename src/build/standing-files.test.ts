import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeEach, expect, test } from 'vitest'
import { filesBelow } from './built-pages.ts'
import { standingFiles } from './standing-files.ts'

const root = mkdtempSync(join(tmpdir(), 'runbook-standing-'))
const [out, list] = [join(root, 'site'), join(root, 'cache/standing.json')]
afterAll(() => rmSync(root, { recursive: true, force: true }))
beforeEach(() => {
  rmSync(root, { recursive: true, force: true })
  for (const file of ['a/index.html', 'a/b/index.html', 'c.md', 'search/1', 'search/2']) write(file, 'x')
})

function write(file: string, text: string): void {
  mkdirSync(dirname(join(out, file)), { recursive: true })
  writeFileSync(join(out, file), text)
}

test('the first build begins with an empty folder, and leaves a repository', () => {
  write('.git/HEAD', 'x')
  symlinkSync('a', join(out, 'link'))
  standingFiles(out, list)
  expect(filesBelow(out)).toEqual(['.git/HEAD'])
  expect(existsSync(join(out, 'a'))).toBe(false)
})

test('files that a build leaves stand until the next, unless they were altered', () => {
  const first = standingFiles(out, list)
  for (const file of ['a/index.html', 'c.md', 'search/1', 'search/2', 'not-left']) write(file, 'x')
  first.leave(['a/index.html', 'c.md', 'search/1', 'search/2'])
  write('search/2', 'y')
  write('added/by/hand', 'x')
  const second = standingFiles(out, list)
  expect(filesBelow(out)).toEqual(['a/index.html', 'c.md', 'search/1'])
  expect(existsSync(join(out, 'added'))).toBe(false)
  expect(second.isWhole('a/')).toBe(true)
  expect(second.isWhole('search/')).toBe(false)
  expect(second.isWhole('none/')).toBe(false)
})

test('what the next build does not have is removed, with folders that are empty then', () => {
  const first = standingFiles(out, list)
  for (const file of ['a/index.html', 'a/b/index.html', 'c.md']) write(file, 'x')
  first.leave(['a/index.html', 'a/b/index.html', 'c.md'])
  standingFiles(out, list).remove((file) => file === 'a/b/index.html')
  expect(filesBelow(out)).toEqual(['a/index.html', 'c.md'])
  expect(existsSync(join(out, 'a/b'))).toBe(false)
})

test('nothing stands after a build that did not end, or whose list cannot be read', () => {
  const leave = (): void => {
    const build = standingFiles(out, list)
    write('c.md', 'x')
    build.leave(['c.md'])
  }
  leave()
  standingFiles(out, list)
  expect(filesBelow(out)).toEqual(['c.md'])
  // That build does not end.
  standingFiles(out, list)
  expect(filesBelow(out)).toEqual([])
  leave()
  writeFileSync(list, '{')
  standingFiles(out, list)
  expect(filesBelow(out)).toEqual([])
})
