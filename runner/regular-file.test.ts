import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { readRuleFiles } from './alerts/rule-files.ts'
import { loadConfig } from './config.ts'
import { readSecretList } from './engine/secrets/secret-references.ts'
import { listedKeys } from './engine/sign/listed-keys.ts'
import { makeKinds } from './kinds/index.ts'
import { entryAt, readEntry } from './library.ts'
import { failure, success } from './model/problem.ts'
import { readPeople } from './people.ts'
import { regularFile, textOf } from './regular-file.ts'

const folder = mkdtempSync(join(tmpdir(), 'regular-file-'))
afterAll(() => rmSync(folder, { recursive: true }))

function pipe(name: string): string {
  const path = join(folder, name)
  execFileSync('mkfifo', [path])
  return path
}

test('a file that says it is empty is read to its end: one of the kernel does not know its size', () => {
  const path = join(folder, 'empty')
  writeFileSync(path, '')
  expect(textOf(path)).toBe('')
  expect(textOf('/proc/self/status')).toMatch(/^Name:.*\n[^]*\nPid:\t\d+\n/)
})

test('a regular file is read, also through a link, and a path that does not exist is none', () => {
  const path = join(folder, 'file')
  writeFileSync(path, 'text')
  symlinkSync(path, join(folder, 'link'))
  expect(textOf(path)).toBe('text')
  expect(textOf(join(folder, 'link'))).toBe('text')
  expect(regularFile(join(folder, 'none'))).toEqual(success(undefined))
  expect(() => textOf(join(folder, 'none'))).toThrow(`\`${join(folder, 'none')}\` does not exist`)
})

test('a pipe, a device, a folder and a file that is too long are refused at once', () => {
  const [device, below, long] = ['device', 'folder', 'long'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ]
  symlinkSync('/dev/zero', device)
  mkdirSync(below)
  writeFileSync(long, '')
  truncateSync(long, 20 * 2 ** 30)
  for (const path of [pipe('pipe'), device, below])
    expect(regularFile(path)).toEqual(failure('is not a regular file'))
  expect(regularFile(long)).toEqual(failure('has 21474836480 bytes, more than the 67108864 allowed'))
})

test('no file of a workspace is waited for where a pipe lies in its place', async () => {
  const words = (path: string): object => ({
    exitCode: 2,
    problem: expect.objectContaining({ message: `\`${path}\` is not a regular file` }) as object,
  })
  const thrown = (read: () => unknown): unknown => {
    try {
      return read()
    } catch (error) {
      return error
    }
  }
  const [people, keys] = [pipe('people.yaml'), pipe('allowed_signers')]
  expect(thrown(() => readPeople(people))).toMatchObject(words(people))
  expect(thrown(() => listedKeys(keys))).toMatchObject(words(keys))
  const secrets = pipe('secrets.yaml')
  expect(readSecretList(secrets)).toMatchObject(failure(`${secrets} is not a regular file`))
  const config = pipe('runbook.config.ts')
  await expect(loadConfig(folder, {})).rejects.toMatchObject(words(config))
  const document = await readEntry(entryAt(folder, pipe('a.md')), folder, makeKinds())
  expect(document.diagnostics).toMatchObject([
    { code: 'file-unreadable', message: 'The file is not a regular file' },
  ])
  pipe('rules.yml')
  const [rules] = readRuleFiles(['rules.yml'], folder).files
  expect(rules?.problems).toMatchObject([{ message: 'The file is not a regular file' }])
})
