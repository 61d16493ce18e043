const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

interface Interrupts {
  tidies: Set<() => void>
  /** Says that the call was broken off, and how its results are. */
  say?: (() => void) | undefined
  onSignal(signal: NodeJS.Signals): void
}

const slot = Symbol.for('runbook.interrupts')
// Commands, operations and pages are bundles with their own copy of this module; what they share is the process.
const shared = globalThis as { [slot]?: Interrupts }
const interrupts = (shared[slot] ??= { tidies: new Set(), onSignal })
const { tidies } = interrupts

function onSignal(signal: NodeJS.Signals): void {
  const isTheirs = isHeard(signal)
  if (isTheirs && tidies.size === 0) return
  for (const tidy of [...tidies].toReversed()) tidy()
  if (!isTheirs) interrupts.say?.()
  process.exit(signal === 'SIGINT' ? 130 : 143)
}

/** Whether the program listens itself, and ends its work in its own order. */
function isHeard(signal: NodeJS.Signals): boolean {
  return process.listeners(signal).some((listener) => listener !== interrupts.onSignal)
}

/**
 * Has `say` called when a signal ends the process, after all that is tidied, unless the program listens itself. It takes the place of the one
 * before; undefined has signals end the process without a word.
 */
export function sayWhenInterrupted(say: (() => void) | undefined): void {
  interrupts.say = say
  if (say === undefined) setImmediate(stopListening)
  else listen()
}

/**
 * Has `tidy` called when a signal ends the process, so that work which is broken off leaves nothing. It must not wait. Returns
 * what the end of the work calls. A signal that comes while the work holds the process still ends it, once the work is done.
 */
export function whenInterrupted(tidy: () => void): () => void {
  listen()
  tidies.add(tidy)
  return () => {
    tidies.delete(tidy)
    // The process is told of a signal in a later turn of its loop.
    setImmediate(stopListening)
  }
}

/** As `whenInterrupted`, unless the program listens for interrupts itself. */
export function whenNotHeard(tidy: () => void): () => void {
  return isHeard('SIGINT') ? () => {} : whenInterrupted(tidy)
}

function listen(): void {
  for (const signal of signals)
    if (!process.listeners(signal).includes(interrupts.onSignal)) process.on(signal, interrupts.onSignal)
}

function stopListening(): void {
  if (tidies.size > 0 || interrupts.say !== undefined) return
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
