import { closeSync, openSync } from 'node:fs'
import type { ChildProcess } from 'node:child_process'
import { join } from 'node:path'
import { attemptFiles } from './protocol.ts'
import type { Attempt } from './protocol.ts'
import { redactedOutput } from './redacted-output.ts'

/** Where the output of one attempt goes. */
export interface Output {
  /** What the child gets for stdout and stderr. */
  stdio: [number | 'pipe', number | 'pipe']
  /** The path the child knows as $RUNBOOK_OUTPUT. */
  outputs: string
  /** Descriptors of the files stdout and stderr end up in. */
  files: number[]
  attach(child: ChildProcess): void
  /** Calls back once all that was printed is in the files. */
  drained(done: () => void): void
  /** Puts the outputs where the runner reads them. */
  keepOutputs(): void
  /** Lets go of everything when the step did not start. */
  discard(): void
}

/** A step without secrets writes its own files; with secrets, every byte passes the redactor on its way there. */
export function openOutput(attempt: Attempt): Output {
  const files: number[] = []
  try {
    for (const name of [attemptFiles.stdout, attemptFiles.stderr])
      files.push(openSync(join(attempt.folder, name), 'a', 0o600))
    return attempt.secrets.length === 0 ? directOutput(attempt, files) : redactedOutput(attempt, files)
  } catch (error) {
    files.forEach(closeSync)
    throw error
  }
}

function directOutput({ folder }: Attempt, files: number[]): Output {
  return {
    stdio: [files[0] ?? 'pipe', files[1] ?? 'pipe'],
    outputs: join(folder, attemptFiles.outputs),
    files,
    attach() {},
    drained: (done) => done(),
    keepOutputs() {},
    discard: () => files.forEach(closeSync),
  }
}
