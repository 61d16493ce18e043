import { createHash } from 'node:crypto'
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

/** What the lock's holder says of itself. */
export interface Holder {
  run: string
  actor: string
  host: string
  pid: number
  since: string
}

export interface Lock {
  /** Who had the key before, when that run has not given it back. */
  before: Holder | undefined
  /** Writes down who holds the key. It stands until it is given back, whatever becomes of this process. */
  hold(holder: Holder): void
  /** Lets another process in. `keep` when the run has not ended: the key stays its own. */
  release(keep: boolean): void
}

/**
 * Takes the lock of a key: an exclusive transaction of SQLite, which the kernel releases when the process dies,
 * however it dies. Returns the holder's words when another process has it.
 */
export function takeLock(state: string, key: string): Lock | { holder: Holder | undefined } {
  const folder = join(state, 'locks')
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const name = createHash('sha256').update(key).digest('hex').slice(0, 24)
  const note = join(folder, `${name}.json`)
  const file = join(folder, `${name}.lock`)
  closeSync(openSync(file, 'a', 0o600))
  const database = new DatabaseSync(file, { timeout: 0 })
  try {
    database.exec(
      'pragma journal_mode = memory; pragma synchronous = off; pragma locking_mode = exclusive; begin exclusive',
    )
  } catch (error) {
    database.close()
    if (!/locked|busy/.test((error as Error).message)) throw error
    return { holder: readHolder(note) }
  }
  return {
    before: readHolder(note),
    hold: (holder) => writeNote(note, JSON.stringify({ ...holder, key })),
    release(keep) {
      if (!keep) rmSync(note, { force: true })
      database.close()
    },
  }
}

function writeNote(note: string, text: string): void {
  const fd = openSync(`${note}.tmp`, 'w', 0o600)
  try {
    writeSync(fd, text)
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
  renameSync(`${note}.tmp`, note)
}

function readHolder(note: string): Holder | undefined {
  try {
    return existsSync(note) ? (JSON.parse(readFileSync(note, 'utf8')) as Holder) : undefined
  } catch {
    return undefined
  }
}
