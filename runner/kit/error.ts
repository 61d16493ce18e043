import { ProblemError } from '../model/problem.ts'

/** A failure that a command states in one sentence, with what to do next. */
export class CliError extends ProblemError {
  override name = 'CliError'
  constructor(exitCode: number, message: string, hint: string) {
    super({ message, hint }, exitCode)
  }
}

/** The words of the system for what it refused, without the call and the path that Node says after them. */
export function systemWords({ message }: Error): string {
  return message.replace(/, [a-z]+( '.*')?$/, '')
}
