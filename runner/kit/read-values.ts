import { CliError } from './error.ts'
import { exit } from './exit.ts'
import type { ValueType } from './types.ts'

/** The typed value of a text. `name` is where it was given, such as `--port` or `LAB_URL`. @throws {CliError} usage */
export function readAs<T>(type: ValueType<T>, text: string, name: string): T {
  const outcome = type.read(text)
  if (outcome.ok) return outcome.value
  const { message, hint } = outcome.problem
  const shown = text.length > 80 ? `${text.slice(0, 80)}…` : text
  throw new CliError(
    exit.usage,
    `Unexpected value \`${shown}\` for \`${name}\``,
    hint ?? `Expected ${message}.`,
  )
}

/** The value of an option that another one makes necessary. @throws {CliError} usage */
export function needed<T>(value: T | undefined, name: string): T {
  if (value !== undefined) return value
  throw new CliError(exit.usage, `Missing \`${name}\``, `Add \`${name}\`; see \`--help\`.`)
}
