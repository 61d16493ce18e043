import { expect, test } from 'vitest'
import type { ProcessOutcome } from './kind.ts'
import { processResult } from './process-result.ts'

const exited = (code: number): ProcessOutcome =>
  ({ status: 'exit', code, why: '', ended: 0, ms: 1, outputs: {} }) as unknown as ProcessOutcome

test('an exit code 141 says that a pipe was closed, and any other is given as it is', () => {
  expect(processResult(exited(141)).message).toContain('exited with code 141 (128 + SIGPIPE: with pipefail')
  expect(processResult(exited(1)).message).toBe('exited with code 1')
})
