import type { ChildProcess } from 'node:child_process'

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
