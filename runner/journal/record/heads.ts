import {
  closeSync,
  constants,
  fdatasyncSync,
  openSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { canonical } from './canonical.ts'
import { firstPrev } from './event.ts'
import type { Prefix } from '../verify/evidence.ts'
import { takeExclusively } from './exclusive.ts'
import { readWithin } from './folder.ts'
import { JournalError } from './journal-error.ts'
import { indexIn } from '../verify/read-evidence.ts'
import { makeIndex } from '../verify/rules/run-index.ts'
import type { HeadEntry, Index } from '../verify/rules/run-index.ts'
import { evidenceFiles } from './run-store.ts'
import { sha256, syncFolder } from './write-journal.ts'
import { ProblemError } from '../../model/problem.ts'
import { makeFolder } from '../../make-folder.ts'

/** How long one run waits for another to have written its line, in milliseconds. */
const lockTimeoutMs = 10_000

/** Reads the whole index of all runs; empty when there is none yet. */
export function readIndex(state: string): Index {
  return indexIn(state) ?? makeIndex({ entries: [], hashes: [], problems: [], torn: false })
}

/** Other runs wrote to the index for so long that this one stopped trying. */
function indexBusy(): ProblemError {
  return new ProblemError({
    message: `The index of runs was locked by others for ${lockTimeoutMs / 1000} s`,
    hint: 'Try again when they are done; `runbook runs` shows what can be resumed.',
  })
}

export type NewEntry = Omit<HeadEntry, 'v' | 'seq' | 'ts' | 'prev'>

export interface IndexTail {
  /** The content of the index, by the hash of its last line: a signed head names it. */
  prefix: Prefix
  holds(run: string): boolean
}

/** Adds one line to the index while no other run does; `make` sees where it stands, and may decline. */
export function appendEntry(state: string, make: (tail: IndexTail) => NewEntry | undefined): void {
  withLock(state, () => {
    const file = join(state, evidenceFiles.index)
    const { bytes, prefix } = readTail(file)
    const entry = make({ prefix, holds: (run) => bytes.includes(`"run":"${run}"`) })
    if (!entry) return
    const link = { v: 1, seq: prefix.size, ts: new Date().toISOString(), prev: prefix.sha256 }
    appendLine(file, `${canonical({ ...entry, ...link })}\n`)
    if (prefix.size === 0) syncFolder(state)
  })
}

/** Looks at the last line alone, for an index grows for years; a line cut by a crash is set aside, as in a journal. */
function readTail(file: string): { bytes: Buffer; prefix: Prefix } {
  const all = readWithin(dirname(file), evidenceFiles.index) ?? Buffer.alloc(0)
  const whole = all.lastIndexOf(0x0a) + 1
  const bytes = all.subarray(0, whole)
  if (whole < all.length) {
    writeFileSync(`${file}.torn-${whole}`, all.subarray(whole), { mode: 0o600 })
    truncateSync(file, whole)
  }
  if (whole === 0) return { bytes, prefix: { size: 0, sha256: firstPrev } }
  const last = bytes.subarray(whole < 2 ? 0 : bytes.lastIndexOf(0x0a, whole - 2) + 1)
  return { bytes, prefix: { size: seqOf(last, file) + 1, sha256: sha256(last) } }
}

function seqOf(line: Buffer, file: string): number {
  try {
    return (JSON.parse(line.toString('utf8')) as HeadEntry).seq
  } catch {
    throw new JournalError(`${file}: The last line is not JSON`)
  }
}

function appendLine(file: string, line: string): void {
  const { O_WRONLY, O_APPEND, O_CREAT, O_NOFOLLOW } = constants
  const fd = openSync(file, O_WRONLY | O_APPEND | O_CREAT | (O_NOFOLLOW ?? 0), 0o600)
  try {
    const bytes = Buffer.from(line)
    for (let offset = 0; offset < bytes.length;) offset += writeSync(fd, bytes, offset)
    fdatasyncSync(fd)
  } finally {
    closeSync(fd)
  }
}

/** A lock the kernel releases when its holder dies. */
function withLock(state: string, body: () => void): void {
  makeFolder(join(state, 'locks'))
  const release = takeExclusively(join(state, 'locks', 'heads.lock'), lockTimeoutMs)
  if (!release) throw indexBusy()
  try {
    body()
  } finally {
    release()
  }
}
