/** Hears what hinders a provider, in one sentence. */
export type OnProblem = (message: string) => void

/** Node's own way to warn: on stderr, or wherever the program sends warnings. */
export const warn: OnProblem = (message) => process.emitWarning(message, 'FlagWarning')

export function textOfError(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
