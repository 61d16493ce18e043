import { exit } from './exit.ts'
import type { Io } from './io.ts'
import { listenForSignals } from './signals.ts'

/** For a command that goes on until somebody ends it, and has then done what it was told. */
export async function untilEnded(
  io: Io,
  serve: (cancelled: AbortSignal) => Promise<{ close(): Promise<void> }>,
): Promise<number> {
  // The message about signals is about steps, and here is none.
  const signals = listenForSignals({ ...io, note: () => undefined })
  try {
    const server = await serve(signals.cancelled)
    await aborted(signals.cancelled)
    await server.close()
    return exit.done
  } finally {
    signals.remove()
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise((resolved) => signal.addEventListener('abort', () => resolved(), { once: true }))
}
