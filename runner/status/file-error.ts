import { ProblemError } from '../model/problem.ts'

/** A file beside the runbooks that cannot be read as what it is; the message names it. */
export class StatusFileError extends ProblemError {
  override name = 'StatusFileError'
  constructor(message: string) {
    super({ message, hint: 'Correct the file and try again.' }, 2)
  }
}
