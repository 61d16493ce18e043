import type { OutputFile, Result } from '../../kinds/kind.ts'
import type { JsonObject } from '../../model/values/json.ts'
import type { PlannedStep } from '../../model/plan.ts'
import type { StepParams } from '../../model/steps/step-params.ts'
import type { Outcome } from '../../model/problem.ts'
import type { Boot } from '../process/processes.ts'

/** Whether the effect of a step is there, as its `done` fence says. */
export interface EffectCheck extends JsonObject {
  holds: 'yes' | 'no' | 'cannot-tell'
  message: string
  outputs: Record<string, string>
  /** The output of the fence: files beside the journal, with digests. */
  files?: OutputFile[]
}

/** One attempt of a step or of its undo, and where it was meant to happen. */
export interface AttemptOf {
  step: PlannedStep
  attempt: number
  outputs: Record<string, string>
  /** From the journal: the machine and boot in which the attempt was begun. */
  intent: Boot
}

/** The port of the interpreter to the world. One implementation touches it; the tests have another. */
export interface Work {
  /** This machine, now. */
  here(): Boot
  /** One attempt of the step's own effect: started at most once, ever. */
  attempt(of: AttemptOf, params: StepParams): Promise<Result>
  /** Ends what is left of an attempt whose runner died, and says how it ended. Starts nothing. */
  halt(of: AttemptOf): Promise<Result>
  /** Runs the `done` fence. `label` tells one check of a step from another. */
  check(step: PlannedStep, label: string, outputs: Record<string, string>): Promise<EffectCheck>
  /** One attempt of the step's undo: started at most once, ever. */
  undo(of: AttemptOf): Promise<Result>
  /** The step with templates over outputs resolved, and its attributes read. */
  prepare(
    step: PlannedStep,
    outputs: Record<string, string>,
  ): Outcome<{ step: PlannedStep; params: StepParams }>
  /** Whether the `when` of a step is true; a problem when it has no value. */
  when(step: PlannedStep, outputs: Record<string, string>): Promise<Outcome<boolean>>
}
