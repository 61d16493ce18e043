import { ProblemError } from '../model/problem.ts'

/** A file beside the runbooks that cannot be used; the message names it. */
export function unusableFile(message: string): ProblemError {
  return new ProblemError({ message, hint: 'Correct the file and try again.' }, 2)
}
