import { closeSync, openSync } from 'node:fs'
import { attemptFile, attemptFiles } from './protocol.ts'
import type { Attempt } from './protocol.ts'
import type { OutputSink } from './output-port.ts'
import { owned } from './attempted-outputs.ts'
import { redactedOutput } from './redacted-output.ts'
import { spawnStep } from './spawn-step.ts'
import { terminalOutput } from './terminal-output.ts'

/**
 * A step without secrets writes its own files; with secrets, every byte passes the redactor on its way there; a step
 * with a terminal prints to that.
 */
export function openOutput(attempt: Attempt): OutputSink {
  const { base, secrets, terminal } = attempt
  const files: number[] = []
  try {
    for (const name of [attemptFiles.stdout, terminal ? attemptFiles.recording : attemptFiles.stderr])
      files.push(openSync(attemptFile(base, name), 'a', 0o600))
    if (terminal) return terminalOutput(attempt, terminal.size, files)
    return secrets.length === 0 ? directOutput(attempt, files) : redactedOutput(attempt, files)
  } catch (error) {
    files.forEach(closeSync)
    throw error
  }
}

function directOutput(attempt: Attempt, files: number[]): OutputSink {
  const outputs = owned(attemptFile(attempt.base, attemptFiles.outputs))
  return {
    outputs,
    files,
    launch: () => spawnStep(attempt, outputs, ['ignore', files[0], files[1]]),
    drained: (done) => done(),
    keepOutputs() {},
    discard: () => files.forEach(closeSync),
  }
}
