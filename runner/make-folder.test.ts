import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { makeFolder } from './make-folder.ts'

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
