import type { TerminalSize } from './protocol.ts'

/** The process of a step, as much as the shim needs of it. */
export interface StepProcess {
  /** Undefined when it could not be started; then there is an `error`. */
  readonly pid?: number | undefined
  once(event: 'exit', callback: (code: number | null, signal: NodeJS.Signals | null) => void): unknown
  once(event: 'error', callback: (error: Error) => void): unknown
}

/** Where the output of one attempt goes. */
export interface OutputSink {
  /** The path the process knows as $RUNBOOK_OUTPUT. */
  outputs: string
  /** Descriptors of the files its output ends up in. */
  files: number[]
  /** Starts the process of the attempt, printing here. */
  launch(): StepProcess
  /** Hands on what somebody typed. */
  type?(bytes: Buffer): void
  resize?(size: TerminalSize): void
  /** The terminal has no operator, or lost them. */
  leave?(): void
  /** Calls back once all that was printed is in the files. */
  drained(done: () => void): void
  /** Puts the outputs where the runner reads them. */
  keepOutputs(): void
  /** Lets go of everything when the step did not start. */
  discard(): void
}
