/** Something the user can mend: said in one sentence with what to do next, never with a stack. */
export class CliError extends Error {
  override name = 'CliError'
  readonly exitCode: number
  readonly hint: string
  constructor(exitCode: number, message: string, hint: string) {
    super(message)
    this.exitCode = exitCode
    this.hint = hint
  }
}
