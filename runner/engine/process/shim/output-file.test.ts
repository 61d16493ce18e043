import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { failure, success } from '../../../model/problem.ts'
import { readOutputFile } from './output-file.ts'

const folder = mkdtempSync(join(tmpdir(), 'output-file-'))
afterAll(() => rmSync(folder, { recursive: true }))

function at(name: string, make: (path: string) => void): ReturnType<typeof readOutputFile> {
  const path = join(folder, name)
  make(path)
  return readOutputFile(path)
}

test('an output file of 1 MiB is read whole, and one that the step removed is none', () => {
  const text = 'a='.padEnd(1024 * 1024, 'x')
  expect(at('file', (path) => writeFileSync(path, text))).toEqual(success(text))
  expect(at('removed', () => {})).toEqual(success(undefined))
})

test('a longer file, a link, a folder, a device and a pipe that nobody writes to are refused at once', () => {
  const other = failure('is not a regular file')
  const long = at('long', (path) => {
    writeFileSync(path, '')
    truncateSync(path, 20 * 2 ** 30)
  })
  expect(long).toEqual(failure('has 21474836480 bytes, more than the 1048576 allowed'))
  expect(at('link', (path) => symlinkSync(join(folder, 'file'), path))).toEqual(other)
  expect(at('device', (path) => symlinkSync('/dev/zero', path))).toEqual(other)
  expect(at('folder', (path) => mkdirSync(path))).toEqual(other)
  expect(at('pipe', (path) => execFileSync('mkfifo', [path]))).toEqual(other)
})
