import type { EventEmitter } from 'node:events'
import { watch } from 'node:fs'
import { join } from 'node:path'
import { makeFolder } from '../../runner/make-folder.ts'

/** The notes that Astro keeps for itself. It takes a change of them for one of the configuration, and starts anew. */
const settings = 'settings.json'

/**
 * Tells the watcher the changes of a folder that Astro writes to. The watcher skips folders of packages, and in a
 * workspace the site is one: without this, `site dev` never learns how a new document is rendered.
 */
export function watchPackage(folder: string, watcher: EventEmitter): () => void {
  if (!folder.includes('/node_modules/')) return () => undefined
  makeFolder(folder, 0o777)
  const own = watch(folder, (_, name) => {
    if (name !== null && name !== settings) watcher.emit('change', join(folder, name))
  })
  return () => own.close()
}
