import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { takeExclusively } from './exclusive.ts'

test('a file is taken by one, until that one lets others in', () => {
  const folder = mkdtempSync(join(tmpdir(), 'exclusive-'))
  const file = join(folder, 'a.lock')
  try {
    const release = takeExclusively(file, 0)
    expect(release).toBeDefined()
    expect(takeExclusively(file, 0)).toBeUndefined()
    release?.()
    const again = takeExclusively(file, 0)
    expect(again).toBeDefined()
    again?.()
  } finally {
    rmSync(folder, { recursive: true })
  }
})
