import { EventEmitter } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { lookAgain } from './look-again.ts'

test('a change that the watcher did not tell is told, once', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'runbook-look-'))
  const file = join(folder, 'a.mdx')
  writeFileSync(file, 'first')
  const watcher = new EventEmitter()
  lookAgain(watcher)
  const told: string[] = []
  watcher.on('all', (event: string, path: string) => told.push(`${event} ${path}`))
  const again = new Promise((resolve) => watcher.once('all', resolve))
  watcher.emit('change', file)
  writeFileSync(file, 'second, longer')
  await again
  expect(told).toEqual([`change ${file}`])
  rmSync(folder, { recursive: true })
})
