import type { EventType } from '../../journal/record/event.ts'
import type { Answers, Question } from '../../kinds/kind.ts'
import type { JsonObject } from '../../model/values/json.ts'
import type { Actor } from '../../model/plan.ts'

/** A value from the journal: `first` says it was made just now, not found there. */
export interface Recorded<T> {
  value: T
  first: boolean
  /** Its event's place in the journal. */
  seq: number
}

/**
 * All that is durable about one run. The interpreter is written against these alone, so the same loop runs on a
 * laptop's files and on any other engine that offers them.
 */
export interface DurableRun {
  readonly id: string
  /** Aborted when somebody stops the run. */
  readonly cancelled: AbortSignal
  /** Whether a person is at the terminal. */
  readonly present: boolean
  /** The first value ever recorded for a type and key wins, for ever. */
  record<T extends JsonObject>(type: EventType, key: string, make: () => T | Promise<T>): Promise<Recorded<T>>
  /** The event of a type and key, if one is recorded. */
  peek<T extends JsonObject>(type: EventType, key: string): Recorded<T> | undefined
  /** Waits for a person. Throws Suspended when no person can be asked now, or no answer comes within the limit. */
  wait<Q extends AnyQuestion>(
    topic: string,
    question: Q,
    limitMs?: number,
  ): Promise<Recorded<AllAnswers[Q['type']]>>
  /**
   * Waits for a moment, given in milliseconds since the epoch. Throws Cancelled when the run is stopped, and
   * Suspended when there is a topic and the operator does not want to wait here.
   */
  sleepUntil(at: number, topic?: string): Promise<void>
  /** Events from this place in the journal on were made after the last resume. */
  readonly resumedAt: number
  now(): number
  /** At least 0 and less than 1: spreads the pauses before retries. */
  random(): number
}

/** The questions of the interpreter itself, beside those of the kinds. */
type EngineQuestion =
  | { type: 'go'; step: string; title: string; attempt: number }
  | { type: 'confirm'; step: string; title: string; word: string }
  | {
      type: 'resolve'
      step: string
      title: string
      attempt: number
      why: string
      check: string
      canUndo: boolean
      /** Its end is known: it failed. The question is whether it is to be undone. */
      failed?: true
    }

export type AnyQuestion = Question | EngineQuestion

/** A wait that was left: nobody is asked, time answers. */
export interface Moment {
  type: 'moment'
  /** Milliseconds since the epoch. */
  until: number
}

interface GoAnswer extends JsonObject {
  answer: 'run' | 'skip' | 'stop'
  reason: string
  by: Actor
}

interface ConfirmAnswer extends JsonObject {
  answer: 'confirmed' | 'stop'
  by: Actor
}

/** The decision of a person on an attempt with an unknown outcome. */
export interface ResolveAnswer extends JsonObject {
  answer: 'done' | 'again' | 'undo' | 'stop'
  reason: string
  by: Actor
}

export interface AllAnswers extends Answers {
  go: GoAnswer
  confirm: ConfirmAnswer
  resolve: ResolveAnswer
}

/** The run cannot go on until a person has spoken. */
export class Suspended extends Error {
  override name = 'Suspended'
  readonly topic: string
  readonly question: AnyQuestion | Moment
  /** The nested run that waits; undefined when it is this one. */
  readonly run: string | undefined
  constructor(topic: string, question: AnyQuestion | Moment, run?: string) {
    super(`Waiting for an answer to \`${topic}\``)
    this.topic = topic
    this.question = question
    this.run = run
  }
}

/** The run was stopped from outside. */
export class Cancelled extends Error {
  override name = 'Cancelled'
}
