const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
const tidies = new Set<() => void>()

function onSignal(signal: NodeJS.Signals): never {
  for (const tidy of [...tidies].toReversed()) tidy()
  process.exit(signal === 'SIGINT' ? 130 : 143)
}

/**
 * Has `tidy` called when a signal ends the process, so that work which is broken off leaves nothing. It must not wait. Returns
 * what the end of the work calls.
 */
export function whenInterrupted(tidy: () => void): () => void {
  if (tidies.size === 0) for (const signal of signals) process.on(signal, onSignal)
  tidies.add(tidy)
  return () => {
    tidies.delete(tidy)
    if (tidies.size === 0) for (const signal of signals) process.off(signal, onSignal)
  }
}
