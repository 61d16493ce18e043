/** A failure in three parts a person can act on. Printed without a stack; `exitCode` is 1 (failed) or 2 (usage). */
export class Failure extends Error {
  readonly why: string
  readonly remedy: string
  readonly exitCode: 1 | 2

  constructor(what: string, why: string, remedy: string, exitCode: 1 | 2 = 1) {
    super(what)
    this.why = why
    this.remedy = remedy
    this.exitCode = exitCode
  }
}

/** A mistake in how a program was called: exit 2. */
export function usageFailure(what: string, why: string, remedy: string): Failure {
  return new Failure(what, why, remedy, 2)
}

/** Turns anything thrown into a {@link Failure}; what neither is one nor is about a file is a fault of the program. */
export function asFailure(error: unknown): Failure {
  if (error instanceof Failure) return error
  if (error instanceof Error && 'path' in error && codeOf(error) !== '')
    return new Failure(
      `${String(error.path)} cannot be used.`,
      messageOf(error),
      'Check that it is there, and that this user may use it.',
    )
  return new Failure(
    'The program stopped unexpectedly.',
    messageOf(error),
    'This is a fault in the program: please report it with the command you ran.',
  )
}

/** The failure as printed on standard error: what happened, why, and what to do. */
export function failureText(failure: Failure): string {
  return `error: ${failure.message}\n  why: ${failure.why}\n  fix: ${failure.remedy}\n`
}

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

/** For a question with the exit codes 0 yes and 1 no: what fails while it is asked is neither, and exits with 2. */
export async function cannotTell<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer
  } catch (error) {
    const { message, why, remedy } = asFailure(error)
    throw new Failure(message, why, remedy, 2)
  }
}
