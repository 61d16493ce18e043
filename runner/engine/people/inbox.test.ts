import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { postAnswer, readInbox } from './inbox.ts'

test('the first of two answers stands until somebody replaces it, and nothing is left beside it', () => {
  const folder = mkdtempSync(join(tmpdir(), 'inbox-'))
  try {
    const { signal } = new AbortController()
    const read = () => readInbox<{ by: string }>(folder, 'go/1', signal, () => true).now
    expect(postAnswer(folder, 'go/1', { by: 'ann' })).toBe(true)
    expect(postAnswer(folder, 'go/1', { by: 'ben' })).toBe(false)
    expect(read()).toEqual({ by: 'ann' })
    expect(postAnswer(folder, 'go/1', { by: 'ben' }, true)).toBe(true)
    expect(read()).toEqual({ by: 'ben', replaces: { by: 'ann' } })
    expect(readdirSync(join(folder, 'inbox'))).toEqual(['go%2F1.json'])
  } finally {
    rmSync(folder, { recursive: true })
  }
})
