import { CliError } from '../../runner/kit/error.ts'
import { exit } from '../../runner/kit/exit.ts'
import { ProblemError } from '../../runner/model/problem.ts'

/** The message of anything thrown, with the system's code when there is one. */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const cause = error.cause instanceof Error ? ` (${error.cause.message || codeOf(error.cause)})` : ''
  return `${error.message}${cause}`
}

/** The system error code, such as `ENOENT`, or an empty string. */
export function codeOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return typeof code === 'string' ? code : ''
}

/** The hint of anything thrown; empty without one. */
export function hintOf(error: unknown): string {
  return (error instanceof ProblemError && error.problem.hint) || ''
}

/** For a question with the exit codes 0 yes and 1 no: what fails while it is asked is neither, and exits with 2. */
export async function cannotTell<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer
  } catch (error) {
    throw new CliError(exit.usage, messageOf(error), hintOf(error) || 'Fix the cause, then ask again.')
  }
}
