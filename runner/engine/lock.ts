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
import { takeExclusively } from '../journal/exclusive.ts'

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
    hold: (holder) => writeNote(note, JSON.stringify({ ...holder, key })),
    release(keep) {
      if (!keep) rmSync(note, { force: true })
      release()
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
