import { createHash } from 'node:crypto'
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

/** What the lock's holder says of itself. */
export interface Holder {
  run: string
  actor: string
  pid: number
  since: string
}

export interface Lock {
  release(): void
}

/**
 * Takes the lock of a key: an exclusive transaction of SQLite, which the kernel releases when the process dies,
 * however it dies. Returns the holder's words when another process has it.
 */
export function takeLock(state: string, key: string, holder: Holder): Lock | { holder?: Holder } {
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
    return readHolder(note)
  }
  writeFileSync(note, JSON.stringify({ ...holder, key }), { mode: 0o600 })
  return {
    release() {
      rmSync(note, { force: true })
      database.close()
    },
  }
}

function readHolder(note: string): { holder?: Holder } {
  try {
    return { holder: JSON.parse(readFileSync(note, 'utf8')) as Holder }
  } catch {
    return {}
  }
}
