import type { Kinds } from '../kinds/index.ts'
import type { Kind } from '../kinds/kind.ts'
import type { Event } from '../journal/record/event.ts'
import type { Journal } from '../journal/record/write-journal.ts'
import type { Json, JsonObject } from '../model/values/json.ts'
import type { Actor, Plan, PlannedStep } from '../model/plan.ts'
import type { KeyTaken } from './concurrency-key.ts'
import type { AllAnswers, AnyQuestion } from './loop/durable.ts'
import type { IncludePort } from './loop/include.ts'
import type { Shim } from './process/executor/shim-client.ts'
import type { Terminal } from './process/executor/step-terminal.ts'
import { hiddenVariables } from './process/environment.ts'
import { proxyPasswords } from './process/http-proxies.ts'
import type { SharedRun, SharedRuns } from './shared-run.ts'
import type { Signer } from './sign/signing-key.ts'
import type { Trust } from './sign/ssh-keygen.ts'

/** Asks the driver of the run. Undefined when no person can answer. */
export interface Operator {
  /** Whether a person is at the terminal. */
  readonly present: boolean
  /** Whether to exit at a long wait, for a later resume. */
  readonly detach: boolean
  ask<Q extends AnyQuestion>(
    topic: string,
    question: Q,
    signal: AbortSignal,
    run: string,
  ): Promise<AllAnswers[Q['type']] | undefined>
}

export interface CancelSignals {
  /** TERM, and KILL after the grace time. */
  soft: AbortSignal
  /** KILL at once. */
  hard: AbortSignal
}

/** Who drives a run, and all that a run needs of them. */
export interface Driver {
  /** Absolute path of the state folder. */
  state: string
  actor: Actor
  operator: Operator
  /** Values of secret inputs by name. */
  secrets: Record<string, string>
  cancel: CancelSignals
  /** Stops the run as the first Ctrl-C does, or, with `now`, as the second. Without it requests to stop are not heeded. */
  stop?: (now: boolean) => void
  /** Who asked for this stretch, where that was not at the runner's own terminal. */
  askedBy?: Actor | undefined
  /** Time between SIGTERM and SIGKILL, in milliseconds. */
  graceMs: number
  /** Roll back when the run is stopped. */
  rollbackOnCancel: boolean
  /** Waits for a key another run holds; without it the call is refused. */
  onWaiting?: ((taken: KeyTaken) => void) | undefined
  /** The environment of the runner itself. */
  env: Record<string, string | undefined>
  /** The step kinds of the workspace. */
  kinds: Kinds
  /** Where the operator sits; without it a step with a terminal has one where nobody is. */
  terminal?: Terminal | undefined
  /** Signs the head of the run; without it the run is unsigned. */
  signer?: Signer | undefined
  /** Signs the operator's own answers where presence is asked for. */
  decisionSigner?: Signer | undefined
  /** Who signs the head, where that is not the actor: a runner that drives the runs of others. */
  sealer?: Actor | undefined
  /** Fingerprint of its key, which the run records: the key says who somebody is. */
  signedWith?: string
  /** The other machines of a team; without it the run is of this machine alone. */
  shared?: SharedRuns | undefined
  /** Recorded of the team with the start and each resumption; set while the run is open. */
  teamNote?: JsonObject | undefined
  /** How runbooks include others; without it they cannot. */
  include?: IncludePort | undefined
  /** Whose approvals count; without it they are believed unsigned. */
  trust?: Trust | undefined
  onEvent: (event: Event, line: string, synced: boolean) => void
  onOutput: (step: PlannedStep, stream: 'stdout' | 'stderr', bytes: Buffer, skipped: number) => void
}

/** A run that is open: its plan and journal, and who drives it. While one is open, its key is held. */
export interface Run extends Driver {
  readonly id: string
  /** Frozen when the run was started. */
  readonly plan: Plan
  /** Absolute path of its folder. */
  readonly folder: string
  /** Working directory it was started in. */
  readonly cwd: string
  /** Values that must not reach a disk or a screen. */
  readonly hidden: readonly string[]
  /** The kind of a step of the plan. */
  readonly kindNamed: (name: string) => Kind
  /** The part of the run that other machines know. */
  readonly inTeam?: SharedRun | undefined
  /** All that is recorded passes the redactor. */
  readonly journal: Journal
  /** The process that starts its steps; another one when the last has died. */
  readonly shim: () => Shim
  /** Milliseconds since the epoch; never goes back. */
  readonly now: () => number
}

/** The names for templates and conditions of a step. */
export interface StepValues {
  inputs: Record<string, string>
  outputs: Record<string, string>
  run: JsonObject
}

/** The parts of a run that the values of a step come from. */
export type Resolving = Pick<Run, 'id' | 'plan' | 'actor' | 'secrets' | 'kindNamed'>

export function valuesOf(run: Resolving, outputs: Record<string, string>): StepValues {
  return { inputs: { ...run.plan.inputs, ...run.secrets }, outputs, run: fieldsOf(run) }
}

/** The fields of the run for templates. */
export function fieldsOf({ id, plan, actor }: Pick<Run, 'id' | 'plan' | 'actor'>): Record<string, Json> {
  return { id, slug: plan.slug, actor: actor.id }
}

/** Values that must not reach a disk or a screen. They take as long to find as the plan is long. */
export function hiddenValues({ secrets, env, plan }: Pick<Run, 'secrets' | 'env' | 'plan'>): string[] {
  return [...Object.values(secrets), ...proxyPasswords(env), ...hiddenVariables(plan, env)]
}
