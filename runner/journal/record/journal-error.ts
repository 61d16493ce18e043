import { ProblemError } from '../../model/problem.ts'

/** Bytes of a run's folder that are not what this program wrote. */
export class JournalError extends ProblemError {
  override name = 'JournalError'
  constructor(message: string) {
    super({
      message,
      hint: 'The journal was changed by something else; keep it, and ask whoever did. Nothing was run.',
    })
  }
}
