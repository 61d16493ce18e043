import { exit } from './exit.ts'
import type { Io } from './io.ts'
import { listenForSignals } from './signals.ts'

/** Something that a command serves: `ended` resolves when its one client has gone, where it has only one. */
interface Served {
  close(): Promise<void>
  ended?: Promise<void>
  /** The sentence about the work that a signal breaks off; undefined when there is none. */
  broken?(): string | undefined
}

/** For a command that goes on until somebody ends it. It has then done what it was told, unless that broke off its work. */
export async function untilEnded(
  io: Io,
  serve: (cancelled: AbortSignal) => Promise<Served>,
): Promise<number> {
  // The message about signals is about steps, and here is none.
  const signals = listenForSignals({ ...io, note: () => undefined })
  try {
    const server = await serve(signals.cancelled)
    await Promise.race([aborted(signals.cancelled), ...(server.ended ? [server.ended] : [])])
    const broken = signals.cancelled.aborted ? server.broken?.() : undefined
    await server.close()
    if (broken === undefined) return exit.done
    io.say(`Interrupted. ${broken}`)
    return signals.terminated() ? exit.terminated : exit.interrupted
  } finally {
    signals.remove()
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise((resolved) => signal.addEventListener('abort', () => resolved(), { once: true }))
}
