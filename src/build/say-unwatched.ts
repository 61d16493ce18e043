import type { EventEmitter } from 'node:events'
import { existsSync } from 'node:fs'

/** The part of the watcher of `site dev` that this looks at. */
export interface Watcher extends EventEmitter {
  /** The names that are watched in each folder, by its absolute path. */
  getWatched(): Record<string, string[]>
}

/** After this time the watcher has looked through the folders of a large workspace, in milliseconds. */
const LOOKED_MS = 5000

const reasons: Record<string, string> = {
  ENOSPC:
    'the system watches as many files as it may. Raise the limit: `sudo sysctl fs.inotify.max_user_watches=524288`',
  EMFILE:
    'this account has as many watchers as it may. Raise the limit: `sudo sysctl fs.inotify.max_user_instances=1024`',
}

/**
 * Says once when changes of a folder are not seen: the system refuses to watch it, or it is below a folder that the watcher skips.
 * `say` gets a sentence.
 */
export function sayUnwatched(
  watcher: Watcher,
  folder: string,
  say: (sentence: string) => void,
  afterMs = LOOKED_MS,
): void {
  let isSaid = false
  const unseen = (reason: string): void => {
    if (!isSaid) say(`Changes in ${folder} are not seen: ${reason}. Then start \`runbook site dev\` again.`)
    isSaid = true
  }
  // The server prints a line for each of thousands of files.
  watcher.removeAllListeners('error')
  watcher.on('error', (error: NodeJS.ErrnoException) => unseen(reasons[error.code ?? ''] ?? error.message))
  setTimeout(() => {
    if (existsSync(folder) && !Object.hasOwn(watcher.getWatched(), folder))
      unseen(
        'it is below a folder that is not watched, such as `node_modules` or the destination of the pages. Move it',
      )
  }, afterMs).unref()
}
