import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { beginKeeping } from './kept-pages.ts'

const folder = join(mkdtempSync(join(tmpdir(), 'runbook-kept-')), 'cache')
afterAll(() => rmSync(join(folder, '..'), { recursive: true, force: true }))

test('a build uses the pages of the one before, unless that was interrupted', () => {
  const list = join(folder, 'incremental-build.json')
  const begin = (): (() => void) => beginKeeping(folder)
  const first = begin()
  writeFileSync(list, '{}')
  first()
  const second = begin()
  expect(existsSync(list)).toBe(true)
  second()
  // It is killed before its end.
  begin()
  const after = begin()
  expect(existsSync(list)).toBe(false)
  writeFileSync(list, '{}')
  after()
  begin()
  expect(existsSync(list)).toBe(true)
})
