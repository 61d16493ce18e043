import type { JsonObject } from '../../model/values/json.ts'
import type { Plan } from '../../model/plan.ts'
import type { DurableRun } from './durable.ts'
import type { Work } from './work.ts'

/** How a step ended for the run. `stopped` is a decision: a rejection, a gate, an operator's word. */
export interface Verdict extends JsonObject {
  status: 'passed' | 'skipped' | 'failed' | 'stopped'
  /** Continues a sentence that begins with the step's name. */
  message: string
  outputs: Record<string, string>
  /** The run stops here whatever `onFailure` says: a person stopped it, or a gate could not be decided. */
  stays?: true
}

export interface Scope {
  plan: Plan
  run: DurableRun
  work: Work
  /** Outputs of the steps before. */
  outputs: Record<string, string>
}

/** Why a run goes back. */
export interface Cause extends JsonObject {
  /** The step that failed; empty when a person asked. */
  step: string
  reason: string
}

export interface Rollback extends Scope {
  cause: Cause
}

export interface RunEnd extends JsonObject {
  status: 'succeeded' | 'failed' | 'stopped' | 'rolled-back' | 'rollback-failed'
  /** One sentence: what happened. */
  message: string
  /** The step that decided it; empty when all went well. */
  step: string
  /** As of the verdict of that step. */
  stays?: true
  /** Failed steps that may still have taken effect, and whose undo did not run. */
  offered?: string[]
}
