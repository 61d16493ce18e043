import { success } from '../../../model/problem.ts'
import type { Outcome } from '../../../model/problem.ts'
import { regularFile } from '../../../regular-file.ts'

/** Longest output file that is read, in bytes. */
const mostBytes = 1024 * 1024

/** The text at $RUNBOOK_OUTPUT, where a step may have put anything; undefined where the step removed the file. */
export function readOutputFile(path: string): Outcome<string | undefined> {
  const read = regularFile(path, { most: mostBytes, follow: false })
  return read.ok ? success(read.value?.toString('utf8')) : read
}
