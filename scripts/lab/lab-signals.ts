import { fstatSync } from 'node:fs'

const PARENT_POLL_MS = 250

/**
 * Resolves with the reason when the lab should stop: SIGINT, SIGTERM or SIGHUP, or, when asked to watch it, the end of
 * the standard input pipe or of the parent process. A second signal calls `again`.
 */
export async function untilStopped(withParent: boolean, again: () => void): Promise<string> {
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
    if (withParent) watchParent(() => stop('the parent is gone'))
  })
}

function watchParent(gone: () => void): void {
  const parent = process.ppid
  setInterval(() => process.ppid !== parent && gone(), PARENT_POLL_MS).unref()
  const input = fstatSync(0)
  // A terminal or /dev/null says nothing about the parent; only a pipe closes with it.
  if (!input.isFIFO() && !input.isSocket()) return
  process.stdin.once('end', gone)
  process.stdin.once('error', gone)
  process.stdin.resume()
}
