import type { Place } from './diagnostic.ts'

/** Why something cannot be done: the one shape of a failure in this program. */
export interface Problem {
  /** One sentence without a final period: what failed, quoting the value. */
  message: string
  /** A full sentence: what to do next. */
  hint?: string
  /** A permanent code that programs can rely on. */
  code?: string
  /** The position in the document or file, where there is one. */
  place?: Place
}

/** A value, or the problem that prevented it. */
export type Outcome<T> = { ok: true; value: T } | { ok: false; problem: Problem }

export function success<T>(value: T): Outcome<T> {
  return { ok: true, value }
}

export function failure(message: string, details: Omit<Problem, 'message'> = {}): Outcome<never> {
  return { ok: false, problem: { message, ...details } }
}

/** The message of the problem of an outcome; undefined for one that has a value. */
export function problemOf(outcome: Outcome<unknown>): string | undefined {
  return outcome.ok ? undefined : outcome.problem.message
}

/** The value of an outcome. Throws ProblemError with its problem. */
export function orThrow<T>(outcome: Outcome<T>, exitCode?: number): T {
  if (outcome.ok) return outcome.value
  throw new ProblemError(outcome.problem, exitCode)
}

/** A problem that ends what was asked for. `exitCode` is that of the program, by default 1. */
export class ProblemError extends Error {
  override name = 'ProblemError'
  readonly problem: Problem
  readonly exitCode: number
  constructor(problem: Problem, exitCode = 1) {
    super(problem.message)
    this.problem = problem
    this.exitCode = exitCode
  }
}

/** Whether a thrown value is a problem. The operations are a bundle of their own, with a class of their own. */
export function isProblemError(error: unknown): error is ProblemError {
  return error instanceof Error && 'problem' in error && 'exitCode' in error
}
