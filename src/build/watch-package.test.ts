import { EventEmitter, once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { watchPackage } from './watch-package.ts'

test('a file that Astro makes is told to the watcher, and the settings that it keeps are not', async () => {
  const root = mkdtempSync(join(tmpdir(), 'watch-package-'))
  const folder = join(root, 'node_modules/site/.astro')
  const watcher = new EventEmitter()
  const told: string[] = []
  watcher.on('change', (path: string) => told.push(path))
  const close = watchPackage(folder, watcher)
  try {
    writeFileSync(join(folder, 'settings.json'), '{}')
    const changed = once(watcher, 'change')
    writeFileSync(join(folder, 'content-modules.mjs'), 'export {}')
    await changed
    expect(told[0]).toBe(join(folder, 'content-modules.mjs'))
  } finally {
    close()
    rmSync(root, { recursive: true, force: true })
  }
})

test('a folder outside the packages is left to the watcher', () => {
  const watcher = new EventEmitter()
  watchPackage('/nowhere/.astro', watcher)()
  expect(watcher.eventNames()).toEqual([])
})
