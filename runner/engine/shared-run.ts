import type { Event } from '../journal/record/event.ts'
import type { Plan } from '../model/plan.ts'
import type { KeyTaken } from './concurrency-key.ts'

/** A run that is about to be opened. Its local key is held. */
export interface Opened {
  id: string
  plan: Plan
  /** Absolute path of its folder, which a new run does not have yet. */
  folder: string
  /** The run that includes it. */
  parent: string | undefined
  /** Waits until the key is free; told once for whom. Without it a taken key is refused at once. */
  onWaiting?: ((taken: KeyTaken) => void) | undefined
  cancelled: AbortSignal
  /** Stops the run, as a person does. */
  stop?: ((now: boolean) => void) | undefined
}

/** How machines share runs: one run per key over all of them, and a copy of each journal that no machine can rewrite. */
export interface SharedRuns {
  /**
   * Takes the key over all machines, and compares the journal here with the copy. Throws KeyTaken, and where the run
   * belongs to another machine, or the journals differ.
   */
  open(run: Opened): Promise<SharedRun>
}

/** An open run, towards the other machines. */
export interface SharedRun {
  /** Counts the owners of the run; each step gets it. */
  epoch: number
  /** Recorded with the start and each resumption. */
  note: { runner: string; epoch: number }
  /** Asked before each effect, once its intent is on the disk. Throws when the run belongs to another machine by now. */
  permit(): Promise<void>
  /** Hands a line on; throws once the run belongs to another machine. */
  onEvent(event: Event, line: string, synced: boolean): void
  /** Hands the rest on, and gives the key free when the run has ended. */
  close(): Promise<void>
}
