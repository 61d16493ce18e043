import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeAudit, readAudit } from './audit.ts'
import type { Audited } from './audit.ts'
import { fileStore } from './file-store.ts'

const entry: Audited = {
  who: 'ada@example.com',
  proof: 'session',
  by: 'issuer subject',
  act: 'stop',
  about: 'run-1',
  outcome: 'allowed',
  from: '127.0.0.1',
}
let folder: string
let texts: string[]

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'hub-audit-'))
  const store = fileStore(folder)
  const [one, other] = [makeAudit(store), makeAudit(fileStore(folder))]
  await Promise.all(
    [one, other, one, one, other].map((audit, index) => audit({ ...entry, about: `run-${index}` })),
  )
  texts = await store.audit()
})

afterAll(() => rmSync(folder, { recursive: true }))

test('each process has a chain, and together they are told by time', () => {
  const { lines, problems } = readAudit(texts)
  expect(problems).toEqual([])
  expect(lines.map(({ about }) => about).toSorted()).toEqual(['run-0', 'run-1', 'run-2', 'run-3', 'run-4'])
  expect(new Set(lines.map(({ chain }) => chain)).size).toBe(2)
})

test('a line that was changed, removed, added or moved breaks its chain', () => {
  const at = texts.findIndex((text) => text.includes('"seq":1,'))
  const line = texts[at] ?? ''
  for (const changed of [
    texts.with(at - 1, (texts[at - 1] ?? '').replace('ada@', 'eve@')),
    texts.toSpliced(at - 1, 1),
    texts.toSpliced(at, 0, line),
    texts.with(at, 'nonsense\n'),
  ])
    expect(readAudit(changed).problems.length).toBeGreaterThan(0)
})
