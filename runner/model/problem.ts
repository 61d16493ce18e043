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

/** A value, or the problem that stood in its way. */
export type Outcome<T> = { ok: true; value: T } | { ok: false; problem: Problem }

export function success<T>(value: T): Outcome<T> {
  return { ok: true, value }
}

export function failure(message: string, details: Omit<Problem, 'message'> = {}): Outcome<never> {
  return { ok: false, problem: { message, ...details } }
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
