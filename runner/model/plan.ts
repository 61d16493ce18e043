import type { JsonObject } from './values/json.ts'
import type { Effect } from './steps/kind-spec.ts'
import type { Meta } from './meta.ts'
import type { Presence } from './people/presence-level.ts'
import type { Fence, Literal, Task } from './runbook.ts'

/** A step with everything resolved that can be before the run; templates over outputs are still as written. */
export interface PlannedStep {
  number: number
  id: string
  kind: string
  title: string
  phase?: string
  effect: Effect
  attributes: Record<string, Literal>
  fences: Fence[]
  tasks: Task[]
  prose: string
  /** Names of the values the step must produce. */
  outputs: string[]
  /** The place of the step in the document. */
  file: string
  line: number
}

/** The steps of a run, frozen when it starts. Secret inputs are named, never valued. */
export interface Plan {
  format: 1
  slug: string
  title: string
  file: string
  /** Hex SHA-256 of the document. */
  sha256: string
  inputs: Record<string, string>
  secrets: string[]
  /** Names of the inputs, secrets among them, in the order of the document: a stored plan sorts its keys. */
  inputNames?: string[]
  requires: NonNullable<Meta['requires']>
  env: Record<string, string>
  /** Only one unfinished run may hold this key. */
  concurrency: string
  selfApproval: boolean
  /** The people of each role that the approvals name, where there is a list of people. */
  people?: Record<string, string[]>
  /** The address behind each other spelling of a person, by its folded form: see person.ts. */
  aliases?: Record<string, string>
  /** Those of the list of people that are programs: a service never approves. */
  services?: string[]
  /**
   * How surely a person must be there at every decision, at the closing, and when whoever runs it answers; a step may ask
   * for more. Absent: `none`.
   */
  presence?: Presence
  /** Whether an agent may let all its writing steps run; a step may say so for itself. Absent: a person does. */
  agents?: 'write'
  /** Whether a second person must close the finished run. */
  close?: 'second-person'
  /** The figure of `stats` in which the run counts. */
  counts?: NonNullable<Meta['counts']>
  budgetMs?: number
  /** Whether a run that is late fails. */
  lateFails?: boolean
  steps: PlannedStep[]
}

/**
 * Who did something, and from where. `client`, where there is one, is the program that called on their behalf, by its own
 * word in the environment: its absence proves nothing.
 */
export interface Actor extends JsonObject {
  id: string
  host: string
  /** `terminal`, `browser`, `flag`, `answers`, `approve`, `agent`, or `runner`. */
  via: string
}
