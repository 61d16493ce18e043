import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { compiledFolder } from './cache-folder.ts'

const cache = mkdtempSync(join(tmpdir(), 'runbook-cache-'))
afterAll(() => rmSync(cache, { recursive: true, force: true }))

test('the code of the pages is kept from the second call on, and that of other calls from the first', () => {
  const env = { RUNBOOK_CACHE: cache }
  expect(compiledFolder(env, ['exec', 'r'])).toBe(join(cache, 'compiled'))
  expect(compiledFolder(env, ['site', 'build'])).toBeUndefined()
  const second = compiledFolder(env, ['site', 'build'])
  expect(second).toBe(join(cache, 'compiled-pages'))
  expect(existsSync(join(cache, 'compiled-pages'))).toBe(true)
})

test('a folder that the user names for compiled code has that of every call', () => {
  const env = { RUNBOOK_CACHE: 'off', NODE_COMPILE_CACHE: '/named' }
  expect([compiledFolder(env, ['site', 'build']), compiledFolder(env, ['exec'])]).toEqual([
    '/named',
    '/named',
  ])
  expect(compiledFolder({ RUNBOOK_CACHE: 'off' }, ['site', 'build'])).toBeUndefined()
})
