import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { takeExclusively } from '../journal/record/exclusive.ts'
import { syncPath } from '../journal/record/write-journal.ts'
import { here } from './process/processes.ts'

/** The holder of the lock. */
export interface Holder {
  run: string
  actor: string
  host: string
  pid: number
  since: string
}

/** This process, as the holder of a key for a run. */
export function holderOf(run: string, actor: string): Holder {
  return { run, actor, host: here().host, pid: process.pid, since: new Date().toISOString() }
}

export interface Lock {
  /** Who had the key before, when that run has not given it back. */
  before: Holder | undefined
  /** Writes down who holds the key; durable when it resolves. It stands until the key is given back. */
  hold(holder: Holder): Promise<void>
  /** Lets another process in. `keep` when the run has not ended: the key stays its own. */
  release(keep: boolean): void
}

/** Takes the lock of a key, which ends with this process. Returns the holder's words when another process has it. */
export function takeLock(state: string, key: string): Lock | { holder: Holder | undefined } {
  const folder = join(state, 'locks')
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const name = createHash('sha256').update(key).digest('hex').slice(0, 24)
  const note = join(folder, `${name}.json`)
  const file = join(folder, `${name}.lock`)
  const release = takeExclusively(file, 0)
  if (!release) return { holder: readHolder(note) }
  return {
    before: readHolder(note),
    async hold(holder) {
      // Whole before it takes the place of the note an earlier runner of the same run has left.
      await writeFile(`${note}.tmp`, JSON.stringify({ ...holder, key }), { mode: 0o600, flush: true })
      renameSync(`${note}.tmp`, note)
      await syncPath(folder)
    },
    release(keep) {
      if (!keep) rmSync(note, { force: true })
      release()
    },
  }
}

function readHolder(note: string): Holder | undefined {
  try {
    return existsSync(note) ? (JSON.parse(readFileSync(note, 'utf8')) as Holder) : undefined
  } catch {
    return undefined
  }
}
