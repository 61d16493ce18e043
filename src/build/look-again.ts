import type { EventEmitter } from 'node:events'
import { statSync } from 'node:fs'

/** Longer than the time within which the watcher drops the second change of a file, in milliseconds. */
const QUIET_MS = 100

/**
 * Tells a change that the watcher dropped. It drops each that comes within 50 ms of another of the same file, so a file
 * that an editor saves and a formatter writes again would be shown as it was first.
 */
export function lookAgain(watcher: EventEmitter): void {
  watcher.on('change', (path: string) => {
    const seen = changedAt(path)
    setTimeout(() => {
      if (changedAt(path) === seen) return
      watcher.emit('all', 'change', path)
      watcher.emit('change', path)
    }, QUIET_MS).unref()
  })
}

function changedAt(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs
}
