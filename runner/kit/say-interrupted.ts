import { whenInterrupted } from '../when-interrupted.ts'
import type { Io } from './io.ts'

/**
 * Says that a signal broke the work off. `state` is the sentence about what there is of its results. Returns what the end of the work
 * calls.
 */
export function sayInterrupted(io: Io, state: () => string): () => void {
  return whenInterrupted(() => io.say(`Interrupted. ${state()}`))
}
