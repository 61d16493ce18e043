import { closeSync, openSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'

/**
 * Takes a file for this process alone: an exclusive transaction of SQLite, which the kernel ends when the process dies,
 * however it dies. Waits up to `timeout` milliseconds. Returns what lets others in; undefined when another process has it.
 */
export function takeExclusively(file: string, timeout: number): (() => void) | undefined {
  // Made here, for SQLite would let others read it.
  closeSync(openSync(file, 'a', 0o600))
  const database = new DatabaseSync(file, { timeout })
  try {
    // Nothing is ever written to it, so there is nothing to keep safe.
    database.exec('pragma journal_mode = memory; pragma synchronous = off; begin exclusive')
  } catch (error) {
    database.close()
    if (!/locked|busy/.test((error as Error).message)) throw error
    return undefined
  }
  return () => database.close()
}
