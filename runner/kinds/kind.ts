import type * as z from 'zod'
import type { JsonObject } from '../model/values/json.ts'
import type { Outcome } from '../model/problem.ts'
import type { Effect, KindSpec } from '../model/steps/kind-spec.ts'
import type { Actor, PlannedStep } from '../model/plan.ts'
import type { InputSpec } from '../model/values/input-types.ts'
import type { Fence } from '../model/runbook.ts'
import type { View } from '../model/view.ts'

/**
 * How one attempt of a step ended. `unknown` is never retried by itself: the effect may have happened. `rejected`
 * is a person's no, `breached` a gate's; `inconclusive`: too little data, so it does not pass.
 */
export interface Result extends JsonObject {
  status:
    | 'passed'
    | 'failed'
    | 'timeout'
    | 'cancelled'
    | 'rejected'
    | 'expired'
    | 'breached'
    | 'inconclusive'
    | 'not-started'
    | 'unknown'
  /** One sentence without a final period. */
  message: string
  /** The data of the kind for its view. */
  data: JsonObject
  outputs: Record<string, string>
}

export function result(
  status: Result['status'],
  message: string,
  more: Partial<Pick<Result, 'data' | 'outputs'>> = {},
): Result {
  return { status, message, data: more.data ?? {}, outputs: more.outputs ?? {} }
}

export interface ProcessRequest {
  script: Fence
  /** Tells one script of an attempt from another; none for the only one. */
  part?: string
  cwd?: string | undefined
  /** Milliseconds after which the process group is ended. */
  timeoutMs: number
  /** Whether it has a terminal. Default: no. */
  tty?: boolean
}

export interface ProcessOutcome extends JsonObject {
  status: 'exit' | 'signal' | 'timeout' | 'cancelled' | 'not-started' | 'unknown'
  /** Exit code when `status` is `exit`, else null. */
  code: number | null
  signal: string | null
  /** Why it is unknown or did not start; empty otherwise. */
  why: string
  ms: number
  /** Whether a runner that started later took the outcome over. */
  adopted: boolean
  /** How many processes it left in the background were ended with it. */
  ended: number
  outputs: Record<string, string>
  /** Names of the files beside the journal, with sizes and digests. */
  files: OutputFile[]
}

export interface OutputFile extends JsonObject {
  /** A step on a terminal prints to stdout alone, and leaves a recording in asciicast v3. */
  stream: 'stdout' | 'stderr' | 'recording'
  /** Path relative to the run's folder. */
  file: string
  bytes: number
  sha256: string
}

export interface HttpRequest {
  method: string
  url: string
  headers: Record<string, string>
  body?: string
  timeoutMs: number
  /** Longest body that is read, in bytes. Default: 1 MiB. */
  maxBytes?: number
  /** How many redirects are followed. Default: none. */
  redirects?: number
}

export interface HttpResponse extends JsonObject {
  status: number
  headers: Record<string, string>
  text: string
  ms: number
  /** Whether the body was longer than what was read. */
  cut: boolean
}

/** An answer, or why there is none. A problem with the code `unknown`: the other side may have acted on it. */
export type HttpOutcome = Outcome<HttpResponse>

/** The question to a person. The answer is recorded before anything follows from it. */
export type Question =
  | { type: 'task'; text: string; index: number; of: number }
  | {
      type: 'approval'
      title: string
      prose: string
      approvers: string[]
      given: string[]
      min: number
      /** Whether whoever signed for another role in this run may not sign here. */
      separate: boolean
      /** When the request expires, in milliseconds since the epoch. */
      deadline?: number | undefined
      /** The requests that are made at once, this one first: as many people may decide side by side. */
      topics: string[]
    }
  | { type: 'field'; name: string; spec: InputSpec; index: number; of: number }
  | { type: 'gate'; step: string; title: string; reason: string }

interface TaskAnswer extends JsonObject {
  answer: 'done' | 'not-applicable'
  /** The observation; for a task that does not apply, the reason. */
  note: string
  /** An address or a path that shows it; empty when there is none. */
  evidence: string
  by: Actor
}

export interface ApprovalAnswer extends JsonObject {
  decision: 'approved' | 'rejected' | 'expired'
  reason: string
  by: Actor
}

export interface FieldAnswer extends JsonObject {
  value: string
  by: Actor
}

/** The decision on a gate that is inconclusive. */
interface GateAnswer extends JsonObject {
  answer: 'extend' | 'accept' | 'stop' | 'rollback'
  reason: string
  by: Actor
}

export interface Answers {
  task: TaskAnswer
  approval: ApprovalAnswer
  gate: GateAnswer
  field: FieldAnswer
}

/** Time, in milliseconds. */
export interface Clock {
  /** Never goes back; may stand still while the machine sleeps. */
  monotonic: () => number
  /** Since the epoch. */
  wall: () => number
  /** Ends early when the run is stopped. */
  sleep: (ms: number) => Promise<void>
}

/** Another runbook to run, with the values of its inputs. */
export interface IncludeRequest {
  runbook: string
  inputs: Record<string, string>
}

/** How a nested run ended. */
export interface Included {
  /** Its id; empty when it was not started. */
  run: string
  status: 'passed' | 'failed' | 'breached' | 'inconclusive'
  message: string
  outputs: Record<string, string>
}

/** Events a kind records itself. */
export type StepFact = 'gate-sampled' | 'gate-watched' | 'wait-began'

/** Everything a step may do; nothing else is within a kind's reach, so a kind is tested with a fake one. */
export interface StepContext {
  readonly step: PlannedStep
  readonly attempt: number
  readonly signal: AbortSignal
  /** Whether a person is at the terminal. */
  readonly present: boolean
  /** Another number at each resume: data that is not kept across resumes has it in its key. */
  readonly stretch: number
  readonly clock: Clock
  /** Records a fact of this attempt; the first for a type and key counts, for ever. Undefined is not recorded. */
  record<T extends JsonObject>(
    type: StepFact,
    key: string,
    make: () => T | undefined | Promise<T | undefined>,
  ): Promise<T | undefined>
  /** Runs a script at most once for this attempt, whatever happens to the runner. */
  process(request: ProcessRequest): Promise<ProcessOutcome>
  /** The output of a process, up to 1 MiB of it. */
  printed(outcome: ProcessOutcome, stream: 'stdout' | 'stderr'): Promise<string>
  /** Sends a request; one that writes is sent at most once for this attempt. */
  http(request: HttpRequest): Promise<HttpOutcome>
  /**
   * The beginning of a text as it may be kept: a secret in it is taken out whole before it is cut. `wasCut`: the text is
   * itself a beginning, whose end may hold half a secret. Default: false.
   */
  excerpt(text: string, most: number, wasCut?: boolean): string
  /** Runs another runbook as a run of its own, or resumes it where it stopped. */
  include(request: IncludeRequest): Promise<Included>
  /** Asks a person; ends the process with exit code 5 when no person can answer. */
  ask<Q extends Question>(topic: string, question: Q): Promise<Answers[Q['type']]>
  /** Time in milliseconds since the epoch, the same again after a restart. */
  recordedNow(key: string): Promise<number>
  /** Waits for a moment; survives restarts. */
  sleepUntil(key: string, at: number): Promise<void>
  /** Values a CEL expression may name. */
  values(): { inputs: Record<string, string>; outputs: Record<string, string>; run: JsonObject }
}

interface Reference {
  /** A whole step, as an author writes it. */
  example: string
  /** Fields of the fence, with their descriptions. */
  fields?: { title: string; schema: z.ZodObject }
  /** Paragraphs of Markdown. */
  notes?: readonly string[]
}

export interface Kind<P extends z.ZodObject = z.ZodObject> extends KindSpec {
  /** One sentence for help and docs. */
  summary: string
  /** For the reference: an example, what the fields of its fence mean, and what holds beyond its attributes. */
  reference: Reference
  params: P
  /** Whether the steps after it rely on its yes; such a step is never skipped on their way. */
  guard?: boolean
  effect(params: z.output<P>, step: { fences: readonly Fence[] }): Effect
  run(params: z.output<P>, context: StepContext): Promise<Result>
  /** Pure. Without a result: what the step will do. */
  view(params: z.output<P>, step: PlannedStep, outcome?: Result): View[]
}

/** Keeps the types of a kind's own parameters while it is written, and forgets them in the list. */
export function defineKind<P extends z.ZodObject>(kind: Kind<P>): Kind {
  return kind
}

export function fence(step: { fences: readonly Fence[] }, role: string): Fence | undefined {
  return step.fences.find((candidate) => candidate.role === role)
}
