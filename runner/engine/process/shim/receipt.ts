import {
  closeSync,
  existsSync,
  fdatasyncSync,
  fsyncSync,
  ftruncateSync,
  linkSync,
  openSync,
  readFileSync,
  renameSync,
  writeSync,
} from 'node:fs'
import { attemptFile, attemptFiles, parseReceipt, receiptBytes } from './protocol.ts'
import type { Receipt } from './protocol.ts'

/** A receipt in the making. */
export interface Reserved {
  /** Says which process the receipt will be about, until it is there. */
  note(text: string): void
  /** Sync, rename: a receipt is there whole or not at all. */
  write(text: string): void
  discard(): void
}

/** Takes the receipt's room on the disk, so that a step that fills it can still be known to have ended. */
export function reserveReceipt(base: string): Reserved {
  const file = attemptFile(base, attemptFiles.reserved)
  const fd = openSync(file, 'w', 0o600)
  writeSync(fd, ' '.repeat(receiptBytes), 0)
  return {
    note: (text) => void writeSync(fd, text, 0),
    write(text) {
      try {
        writeSync(fd, text, 0)
        ftruncateSync(fd, Buffer.byteLength(text))
        fsyncSync(fd)
      } finally {
        closeSync(fd)
      }
      renameSync(file, attemptFile(base, attemptFiles.receipt))
    },
    discard: () => closeSync(fd),
  }
}

export function readReceipt(base: string): Receipt | undefined {
  const file = attemptFile(base, attemptFiles.receipt)
  return existsSync(file) ? parseReceipt(readFileSync(file, 'utf8')) : undefined
}

/** Error codes of file systems without hard links. */
const withoutLinks = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'])

/**
 * Takes a claim that nobody has taken, in the name of a file's content or of nobody. A link comes into being whole: no
 * claim is ever seen without its name. Returns false when somebody has taken it.
 */
export function takeClaim(base: string, identity?: string): boolean {
  const claim = attemptFile(base, attemptFiles.claim)
  try {
    if (identity === undefined) closeSync(openSync(claim, 'wx', 0o600))
    else linkSync(identity, claim)
    return true
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException
    if (code === 'EEXIST') return false
    if (!withoutLinks.has(code)) throw error
    throw new Error(
      `the state folder is on a file system without hard links (${code}); name another with RUNBOOK_STATE`,
      { cause: error },
    )
  }
}

/** Makes what a step printed as durable as its receipt; beyond this many bytes the kernel takes its own time. */
const syncedBytes = 8 * 1_048_576

export function syncOutput(fd: number, bytes: number): void {
  if (bytes > 0 && bytes <= syncedBytes) fdatasyncSync(fd)
}
