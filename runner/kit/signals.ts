import type { Io } from './io.ts'

export interface Signals {
  /** Aborted by the first signal: the step gets TERM, then KILL. */
  cancelled: AbortSignal
  /** Aborted by the second: the step gets KILL at once. */
  killed: AbortSignal
  /** Stops the run as the first signal does, or, with `now`, as the second. */
  stop(now?: boolean): void
  /** Whether it was somebody else than the person at the keyboard who stopped it. */
  terminated(): boolean
  remove(): void
}

/** How long after the second signal a hanging runner exits, in milliseconds. */
const leaveMs = 3000

const names = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** First signal: stop the step, journal, say how to go on. Second: end the step at once, journal, leave. */
export function listenForSignals(io: Io): Signals {
  const soft = new AbortController()
  const hard = new AbortController()
  let last: NodeJS.Signals | undefined
  const onSignal = (signal: NodeJS.Signals): void => {
    const code = signal === 'SIGINT' ? 130 : 143
    if (last === undefined) {
      io.note('\nStopping the step; once more ends it at once.')
      soft.abort()
    } else if (!hard.signal.aborted) {
      io.note('\nEnding the step at once.')
      soft.abort()
      hard.abort()
      // The shim has been told; it ends the step whether or not this process is there to see it.
      setTimeout(() => process.exit(code), leaveMs).unref()
    }
    last = signal
  }
  for (const name of names) process.on(name, onSignal)
  return {
    cancelled: soft.signal,
    killed: hard.signal,
    stop: (now = false) => {
      soft.abort()
      if (now) hard.abort()
    },
    terminated: () => last === 'SIGTERM' || last === 'SIGHUP',
    remove: () => names.forEach((name) => process.off(name, onSignal)),
  }
}
