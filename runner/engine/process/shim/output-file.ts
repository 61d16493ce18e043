import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs'
import { failure, success } from '../../../model/problem.ts'
import type { Outcome } from '../../../model/problem.ts'

/** Longest output file that is read, in bytes. */
const mostBytes = 1024 * 1024

/**
 * The text at $RUNBOOK_OUTPUT; undefined where the step removed the file. A step may have put anything there: a pipe is not waited
 * for, a link is not followed, and a device is not read.
 */
export function readOutputFile(path: string): Outcome<string | undefined> {
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants
  let file: number
  try {
    file = openSync(path, O_RDONLY | (O_NOFOLLOW ?? 0) | (O_NONBLOCK ?? 0))
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return success(undefined)
    return failure(code === 'ELOOP' ? 'is not a regular file' : `cannot be read: ${code}`)
  }
  try {
    const stats = fstatSync(file)
    if (!stats.isFile()) return failure('is not a regular file')
    if (stats.size > mostBytes) return failure(`has ${stats.size} bytes, more than the ${mostBytes} allowed`)
    return success(readFileSync(file, 'utf8'))
  } finally {
    closeSync(file)
  }
}
