import type { TerminalSize } from '../shim/protocol.ts'

/** The terminal the operator sits at. */
export interface Terminal {
  size(): TerminalSize
  /** Hands it to a step: what is typed goes there, until it is given back. */
  lend(to: { type(bytes: Buffer): void; resize(size: TerminalSize): void }): Lent
}

interface Lent {
  /** Shows what the step printed, as it is. */
  show(bytes: Buffer): void
  giveBack(): void
}
