import type { OutputFile, Result } from '../kinds/kind.ts'
import type { JsonObject } from '../model/json.ts'
import type { PlannedStep } from '../model/plan.ts'
import type { StepParams } from './plan.ts'

/** Whether the effect of a step is there, as its `done` fence says. */
export interface EffectCheck extends JsonObject {
  holds: 'yes' | 'no' | 'cannot-tell'
  message: string
  outputs: Record<string, string>
  /** What the fence printed: files beside the journal, with digests. */
  files?: OutputFile[]
}

/** What the interpreter lets be done in the world. One implementation touches it; the tests have another. */
export interface Work {
  /** One attempt of the step's own effect: started at most once, ever. */
  attempt(
    step: PlannedStep,
    params: StepParams,
    attempt: number,
    outputs: Record<string, string>,
  ): Promise<Result>
  /** Runs the `done` fence. `label` tells one check of a step from another. */
  check(step: PlannedStep, label: string, outputs: Record<string, string>): Promise<EffectCheck>
  /** One attempt of the step's undo: started at most once, ever. */
  undo(step: PlannedStep, attempt: number, outputs: Record<string, string>): Promise<Result>
  /** The step with templates over outputs resolved, and its attributes read. */
  prepare(
    step: PlannedStep,
    outputs: Record<string, string>,
  ): { step: PlannedStep; params: StepParams } | { problem: string }
  /** Whether the `when` of a step holds, or why it has no value. */
  when(step: PlannedStep, outputs: Record<string, string>): boolean | { problem: string }
}
