import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { buildAlone } from './one-build.ts'

const folder = mkdtempSync(join(tmpdir(), 'runbook-builds-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('a second build that would share what the first keeps is refused until the first has ended', () => {
  const kept = join(folder, 'site-cache')
  const end = buildAlone(kept)
  expect(() => buildAlone(kept)).toThrow('Another build is at work')
  buildAlone(join(folder, 'other-cache'))()
  end()
  buildAlone(kept)()
})
