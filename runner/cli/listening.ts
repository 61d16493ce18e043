import type { OptionValues } from './command.ts'
import { text } from './command.ts'
import { CliError } from './error.ts'
import { exit } from './exit.ts'
import type { Io } from './io.ts'
import { listenForSignals } from './signals.ts'

/** For a command that goes on until somebody ends it, and has then done what it was told. */
export async function untilEnded(
  io: Io,
  serve: (cancelled: AbortSignal) => Promise<{ close(): Promise<void> }>,
): Promise<number> {
  // What is said of signals is about steps, and here is none.
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

/** A number given as a flag. Throws CliError for anything that is no whole number from `min` to `max`. */
export function wholeNumber(
  options: OptionValues,
  name: string,
  fallback: number,
  min: number,
  max: number,
): number {
  const written = text(options, name)
  if (written === undefined) return fallback
  const value = Number(written)
  if (/^\d+$/.test(written) && value >= min && value <= max) return value
  throw new CliError(
    exit.usage,
    `Unexpected --${name} \`${written}\``,
    `Write a whole number from ${min} to ${max}.`,
  )
}
