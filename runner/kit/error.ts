import { ProblemError } from '../model/problem.ts'

/** A failure that a command states in one sentence, with what to do next. */
export class CliError extends ProblemError {
  override name = 'CliError'
  constructor(exitCode: number, message: string, hint: string) {
    super({ message, hint }, exitCode)
  }
}
