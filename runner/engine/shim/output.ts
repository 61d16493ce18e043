import { closeSync, openSync } from 'node:fs'
import { attemptFile, attemptFiles } from './protocol.ts'
import type { Attempt } from './protocol.ts'
import type { Output } from './output-port.ts'
import { redactedOutput } from './redacted-output.ts'

/** A step without secrets writes its own files; with secrets, every byte passes the redactor on its way there. */
export function openOutput(attempt: Attempt): Output {
  const files: number[] = []
  try {
    for (const name of [attemptFiles.stdout, attemptFiles.stderr])
      files.push(openSync(attemptFile(attempt.base, name), 'a', 0o600))
    return attempt.secrets.length === 0 ? directOutput(attempt, files) : redactedOutput(attempt, files)
  } catch (error) {
    files.forEach(closeSync)
    throw error
  }
}

function directOutput({ base }: Attempt, files: number[]): Output {
  return {
    stdio: [files[0] ?? 'pipe', files[1] ?? 'pipe'],
    outputs: attemptFile(base, attemptFiles.outputs),
    files,
    attach() {},
    drained: (done) => done(),
    keepOutputs() {},
    discard: () => files.forEach(closeSync),
  }
}
