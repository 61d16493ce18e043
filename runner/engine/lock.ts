import { hash } from 'node:crypto'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { takeExclusively } from '../journal/record/exclusive.ts'
import { syncPath } from '../journal/record/write-journal.ts'
import { here, startOf } from './process/processes.ts'
import { writeWholeMeanwhile } from '../write-whole.ts'
import { makeFolder } from '../make-folder.ts'

/** The holder of the lock. */
export interface Holder {
  run: string
  actor: string
  host: string
  /** The start of the machine, which keeps its name when the machine is renamed. Holders of older versions lack it. */
  boot?: string
  pid: number
  since: string
  /** When its process started, which tells it from a later one of the same number. Holders of older versions lack it. */
  start?: string
}

/** This process, as the holder of a key for a run. */
export function holderOf(run: string, actor: string): Holder {
  const { pid } = process
  const start = startOf(pid)
  return {
    run,
    actor,
    ...here(),
    pid,
    since: new Date().toISOString(),
    ...(start === undefined ? {} : { start }),
  }
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
  const { folder, note, file } = lockFiles(state, key)
  makeFolder(folder)
  const release = takeExclusively(file, 0)
  if (!release) return { holder: readHolder(note) }
  return {
    before: readHolder(note),
    async hold(holder) {
      // It takes the place of the note that an earlier runner of the same run has left.
      await writeWholeMeanwhile(note, JSON.stringify({ ...holder, key }))
      await syncPath(folder)
    },
    release(keep) {
      if (!keep) rmSync(note, { force: true })
      release()
    },
  }
}

/** Whether the runner of a run is at work on this machine. The lock itself is not touched. */
export function hasRunner(state: string, key: string, run: string): boolean {
  const holder = readHolder(lockFiles(state, key).note)
  if (holder?.run !== run || holder.start === undefined || !isHere(holder)) return false
  return startOf(holder.pid) === holder.start
}

function isHere({ host, boot }: Holder): boolean {
  const now = here()
  return boot === undefined ? host === now.host : boot === now.boot
}

function lockFiles(state: string, key: string): { folder: string; note: string; file: string } {
  const folder = join(state, 'locks')
  const name = hash('sha256', key).slice(0, 24)
  return { folder, note: join(folder, `${name}.json`), file: join(folder, `${name}.lock`) }
}

function readHolder(note: string): Holder | undefined {
  try {
    return existsSync(note) ? (JSON.parse(readFileSync(note, 'utf8')) as Holder) : undefined
  } catch {
    return undefined
  }
}
