import type { RunState } from '../journal/fold.ts'
import type { Event } from '../journal/record/event.ts'
import type { Plan } from '../model/plan.ts'
import type { Ending } from './format/scenario-schema.ts'

/** How one life of the runner ended. */
export interface LifeEnd {
  ends: Ending
  /** The step that decided it; empty when all went well. */
  at: string
  message: string
}

/** Everything that a scenario led to. */
export interface Played {
  lives: LifeEnd[]
  events: Event[]
  state: RunState
  plan: Plan
  did: string[]
  undone: string[]
  leaves: string[]
  asked: string[]
  refused: string[]
  /** Milliseconds from the start to the end. */
  tookMs: number
  /** Faults of the scenario itself, with their paths in it. */
  problems: { path: readonly (string | number)[]; message: string }[]
}
