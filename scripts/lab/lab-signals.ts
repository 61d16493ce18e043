import { fstatSync } from 'node:fs'

const PARENT_POLL_MS = 250

/** Besides signals, what ends a lab. */
export interface Watched {
  /** The end of the process that started it. */
  parent: boolean
  /** The end of standard input, where it is a pipe. */
  input: boolean
}

/**
 * Resolves with the reason when the lab should stop: SIGINT, SIGTERM or SIGHUP, or what else is watched. A second signal
 * calls `again`.
 */
export async function untilStopped(watched: Watched, again: () => void): Promise<string> {
  return await new Promise((resolve) => {
    let stopping = false
    const stop = (reason: string): void => {
      if (stopping) return
      stopping = true
      resolve(reason)
    }
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(signal, () => (stopping ? again() : stop(signal)))
    }
    const gone = (): void => stop('the parent is gone')
    if (watched.parent) watchParent(gone)
    if (watched.input) watchInput(gone)
  })
}

function watchParent(gone: () => void): void {
  const parent = process.ppid
  setInterval(() => process.ppid !== parent && gone(), PARENT_POLL_MS).unref()
}

function watchInput(gone: () => void): void {
  const input = fstatSync(0)
  // A terminal or /dev/null says nothing about the parent; only a pipe closes with it.
  if (!input.isFIFO() && !input.isSocket()) return
  process.stdin.once('end', gone)
  process.stdin.once('error', gone)
  process.stdin.resume()
}
