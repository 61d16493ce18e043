import type { OptionValues } from './command.ts'
import { text } from './command.ts'
import { CliError } from './error.ts'
import { exit } from './exit.ts'

/** A number given as a flag. Throws CliError for anything that is no whole number from `min` to `max`. */
export function wholeNumber(
  options: OptionValues,
  name: string,
  fallback: number,
  min: number,
  max: number,
): number {
  const written = text(options, name)
  if (written === undefined) return fallback
  const value = Number(written)
  if (/^\d+$/.test(written) && value >= min && value <= max) return value
  throw new CliError(
    exit.usage,
    `Unexpected --${name} \`${written}\``,
    `Write a whole number from ${min} to ${max}.`,
  )
}
