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

/** Whether an error says that the files of a run cannot be read: they are damaged, or the system refuses them. */
export function isUnreadable(error: unknown): error is Error {
  return error instanceof JournalError || (error instanceof Error && 'syscall' in error)
}
