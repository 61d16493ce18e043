import {
  closeSync,
  existsSync,
  fdatasyncSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readFileSync,
  renameSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { attemptFile, attemptFiles, parseReceipt, receiptBytes } from './protocol.ts'
import type { Receipt } from './protocol.ts'

const temporary = (base: string): string => `${attemptFile(base, attemptFiles.receipt)}.tmp`

/** Takes the receipt's room on the disk, so that a step that fills it can still be known to have ended. */
export function reserveReceipt(base: string): void {
  writeFileSync(temporary(base), ' '.repeat(receiptBytes), { mode: 0o600 })
}

/** Temp, sync, rename: a receipt is there whole or not at all. */
export function writeReceipt(base: string, text: string): void {
  const fd = openSync(temporary(base), existsSync(temporary(base)) ? 'r+' : 'w', 0o600)
  try {
    writeSync(fd, text, 0)
    ftruncateSync(fd, Buffer.byteLength(text))
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
  renameSync(temporary(base), attemptFile(base, attemptFiles.receipt))
}

export function readReceipt(base: string): Receipt | undefined {
  const file = attemptFile(base, attemptFiles.receipt)
  return existsSync(file) ? parseReceipt(readFileSync(file, 'utf8')) : undefined
}

/** Creates a file that must not be there. Returns false when it is. */
export function createExclusive(file: string): boolean {
  try {
    closeSync(openSync(file, 'wx', 0o600))
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

/** Makes what a step printed as durable as its receipt; beyond this many bytes the kernel takes its own time. */
const syncedBytes = 8 * 1_048_576

export function syncOutput(fd: number, bytes: number): void {
  if (bytes > 0 && bytes <= syncedBytes) fdatasyncSync(fd)
}
