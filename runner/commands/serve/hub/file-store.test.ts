import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { fileStore } from './file-store.ts'
import type { HubStore } from './store.ts'
import { sharedSecret } from './store.ts'

let folder: string
let at: number
let store: HubStore

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hub-store-'))
  at = Date.now()
  store = fileStore(folder, () => at)
})

afterEach(() => rmSync(folder, { recursive: true }))

const row = (id: string, ms = 60_000) => ({ id, value: { id }, until: at + ms })

test('a row is there until its end, for another process as well', async () => {
  expect(await store.add('session', row('a'))).toBe(true)
  const other = fileStore(folder, () => at)
  expect(await other.get('session', 'a')).toMatchObject({ id: 'a', value: { id: 'a' } })
  expect(await other.list('session')).toHaveLength(1)
  expect(await other.get('token', 'a')).toBeUndefined()
  at += 60_001
  expect(await other.get('session', 'a')).toBeUndefined()
  expect(await other.list('session')).toEqual([])
  expect(await store.add('session', row('a'))).toBe(true)
})

test('of fifty callers one adds, and of fifty one takes', async () => {
  const added = await Promise.all(Array.from({ length: 50 }, () => store.add('once', row('a'))))
  expect(added.filter(Boolean)).toHaveLength(1)
  const taken = await Promise.all(Array.from({ length: 50 }, () => store.take('once', 'a')))
  expect(taken.filter(Boolean)).toHaveLength(1)
})

test('the end of a row that was taken is not moved', async () => {
  await store.add('session', row('a'))
  await store.extend('session', 'a', at + 120_000)
  at += 90_000
  expect(await store.get('session', 'a')).toBeDefined()
  await store.take('session', 'a')
  await store.extend('session', 'a', at + 120_000)
  expect(await store.get('session', 'a')).toBeUndefined()
})

test('counts go on in another process, and begin anew with each minute', async () => {
  at = Math.floor(at / 60_000) * 60_000
  expect([await store.count('a'), await store.count('a'), await store.count('b')]).toEqual([1, 2, 1])
  expect(await fileStore(folder, () => at).count('a')).toBe(3)
  at += 60_000
  expect(await store.count('a')).toBe(1)
})

test('a secret is made once for all processes', async () => {
  const secrets = await Promise.all(['x', 'y', 'z'].map((one) => sharedSecret(store, 'forms', () => one)))
  expect(new Set(secrets).size).toBe(1)
  expect(secrets[0]).toBe(await sharedSecret(fileStore(folder), 'forms', () => 'w'))
})
