import type { Check } from '../../../journal/verify/check-result.ts'
import type { Io } from '../../../kit/io.ts'

/** The first word of the line of a check. */
export function checkMark(status: Check['status'], io: Io): string {
  if (status === 'ok') return io.style('green', 'ok    ')
  return status === 'failed' ? io.style('red', 'FAILED') : io.style('yellow', '?     ')
}
