const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

interface Interrupts {
  tidies: Set<() => void>
  isListening: boolean
  onSignal(signal: NodeJS.Signals): void
}

const slot = Symbol.for('runbook.interrupts')
// Commands, operations and pages are bundles with their own copy of this module; what they share is the process.
const shared = globalThis as { [slot]?: Interrupts }
const interrupts = (shared[slot] ??= { tidies: new Set(), isListening: false, onSignal })
const { tidies } = interrupts

function onSignal(signal: NodeJS.Signals): never {
  for (const tidy of [...tidies].toReversed()) tidy()
  process.exit(signal === 'SIGINT' ? 130 : 143)
}

/**
 * Has `tidy` called when a signal ends the process, so that work which is broken off leaves nothing. It must not wait. Returns
 * what the end of the work calls. A signal that comes while the work holds the process still ends it, once the work is done.
 */
export function whenInterrupted(tidy: () => void): () => void {
  if (!interrupts.isListening) for (const signal of signals) process.on(signal, interrupts.onSignal)
  interrupts.isListening = true
  tidies.add(tidy)
  return () => {
    tidies.delete(tidy)
    // The process is told of a signal in a later turn of its loop.
    setImmediate(stopListening)
  }
}

/** As `whenInterrupted`, unless the program listens for interrupts itself: it then ends its work in its own order. */
export function whenNotHeard(tidy: () => void): () => void {
  const listens = process.listeners('SIGINT').some((listener) => listener !== interrupts.onSignal)
  return listens ? () => {} : whenInterrupted(tidy)
}

function stopListening(): void {
  if (tidies.size > 0 || !interrupts.isListening) return
  interrupts.isListening = false
  for (const signal of signals) process.off(signal, interrupts.onSignal)
}

/**
 * Does what may hold the process without an end, such as a read of a pipe. No listener would be told of a signal meanwhile, so
 * there is none, and a signal ends the process.
 */
export function endedBySignals<T>(body: () => T): T {
  const heard = signals.map((signal) => ({ signal, listeners: process.rawListeners(signal) }))
  for (const { signal } of heard) process.removeAllListeners(signal)
  try {
    return body()
  } finally {
    for (const { signal, listeners } of heard)
      for (const listener of listeners) process.on(signal, listener as NodeJS.SignalsListener)
  }
}
