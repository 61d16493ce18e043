import { CliError } from '../../runner/kit/error.ts'
import { exit } from '../../runner/kit/exit.ts'

/** The values of environment variables that must be set, in this order. @throws {CliError} usage, naming every missing one */
export function requiredEnv<const Names extends readonly string[]>(
  names: Names,
): { [Index in keyof Names]: string } {
  const missing = names.filter((name) => (process.env[name] ?? '').trim() === '')
  if (missing.length === 0) return names.map((name) => process.env[name]) as never
  const one = missing.length === 1
  throw new CliError(
    exit.usage,
    `${missing.join(' and ')} ${one ? 'is' : 'are'} not set; secrets and accounts come from the environment`,
    `Set ${one ? 'it' : 'them'}: export ${missing.map((name) => `${name}=…`).join(' ')}`,
  )
}
