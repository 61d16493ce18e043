import { existsSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { makeFolder, whyNoFolder } from './make-folder.ts'

const root = mkdtempSync(join(tmpdir(), 'make-folder-'))
afterAll(() => rmSync(root, { recursive: true }))

test('a folder is made with those above it, for its owner alone, and may be there already', () => {
  const folder = join(root, 'a', 'b', 'c')
  makeFolder(folder)
  makeFolder(folder)
  expect(existsSync(folder)).toBe(true)
  expect(statSync(join(root, 'a')).mode & 0o777).toBe(0o700)
})

test('a file in place of one of its folders is named', () => {
  const file = join(root, 'file')
  writeFileSync(file, '')
  for (const folder of [file, join(file, 'locks')])
    expect(() => makeFolder(folder)).toThrow(
      `The folder \`${folder}\` cannot be made: \`${file}\` is not a folder`,
    )
})

test.runIf(process.platform === 'linux')(
  'a folder that the system neither has nor makes is refused, and the attempt ends',
  () => {
    expect(() => makeFolder('/proc/x/locks')).toThrow('The folder `/proc/x/locks` cannot be made: ENOENT')
  },
)

test('a folder that is there or can be made is not impossible', () => {
  expect([root, join(root, 'not', 'yet'), '.', '/'].map(whyNoFolder)).toEqual(Array(4).fill(undefined))
  expect(existsSync(join(root, 'not'))).toBe(false)
})

test('a file, a link to nowhere and a link to itself make a folder impossible, also above it', () => {
  const at = (name: string): string => join(root, `no-${name}`)
  writeFileSync(at('file'), '')
  symlinkSync(at('gone'), at('link'))
  symlinkSync(at('circle'), at('circle'))
  for (const above of ['', '/a/b']) {
    expect(whyNoFolder(at('file') + above)).toBe(`\`${at('file')}\` is not a folder`)
    expect(whyNoFolder(at('link') + above)).toBe(`\`${at('link')}\` is a link that leads nowhere`)
    expect(whyNoFolder(at('circle') + above)).toBe('ELOOP')
  }
})

test.runIf(process.platform === 'linux')(
  'a folder of the kernel is impossible, and a link below /proc is not',
  () => {
    expect(whyNoFolder('/proc/x/y')).toBe('`/proc` is a file system of the kernel')
    expect(whyNoFolder('/sys')).toBe('`/sys` is a file system of the kernel')
    expect(whyNoFolder('/proc/self/cwd/x')).toBeUndefined()
  },
)
