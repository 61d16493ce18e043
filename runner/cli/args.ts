import { parseArgs } from 'node:util'
import { suggest } from '../model/suggest.ts'
import type { Command, Option, OptionValues } from './command.ts'
import { commands, globalOptions } from './commands.ts'
import { CliError } from './error.ts'
import { exit } from './exit.ts'

export interface ParsedArgs {
  command?: Command
  positionals: string[]
  options: OptionValues
}

/** Finds the command and reads its flags; anything not in the tables is refused with the nearest that is. */
export function readArgs(argv: readonly string[]): ParsedArgs {
  const at = argv.findIndex((word) => !word.startsWith('-'))
  const name = at === -1 ? undefined : argv[at]
  const command = commands.find((candidate) => candidate.name === name)
  if (name !== undefined && !command && name !== 'help') throw unknownCommand(name)
  const rest = at === -1 ? [...argv] : [...argv.slice(0, at), ...argv.slice(at + 1)]
  const { values, positionals } = parse(rest, command)
  if (command && values['help'] !== true) checkPositionals(command, positionals)
  return { ...(command ? { command } : {}), positionals, options: values }
}

function parse(
  args: string[],
  command: Command | undefined,
): { values: OptionValues; positionals: string[] } {
  const version: Record<string, Option> = command
    ? {}
    : { version: { type: 'boolean', summary: 'Print the version.' } }
  const known: Record<string, Option> = { ...globalOptions, ...command?.options, ...version }
  const options = Object.fromEntries(
    Object.entries(known).map(([name, { type, short, multiple }]) => [
      name,
      { type, ...(short ? { short } : {}), ...(multiple ? { multiple } : {}) },
    ]),
  )
  try {
    const { values, positionals } = parseArgs({ args, options, allowPositionals: true, strict: true })
    return { values, positionals }
  } catch (error) {
    throw badFlag(error as Error & { code?: string }, Object.keys(known), command)
  }
}

function badFlag(
  error: Error & { code?: string },
  known: readonly string[],
  command: Command | undefined,
): CliError {
  const written = /'(--?[^' ]+)/.exec(error.message)?.[1] ?? ''
  const help = `See \`runbook ${command ? `${command.name} ` : ''}--help\`.`
  if (error.code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION') {
    const near = suggest(written.replace(/^-+/, ''), known)
    return new CliError(
      exit.usage,
      `Unexpected flag \`${written}\``,
      near ? `Did you mean \`--${near}\`?` : help,
    )
  }
  return new CliError(exit.usage, error.message.split('. ')[0] ?? error.message, help)
}

function unknownCommand(name: string): CliError {
  const near = suggest(
    name,
    commands.map((command) => command.name),
  )
  return new CliError(
    exit.usage,
    `Unexpected command \`${name}\``,
    near ? `Did you mean \`runbook ${near}\`?` : 'See `runbook --help`.',
  )
}

function checkPositionals(command: Command, positionals: readonly string[]): void {
  const missing = command.positionals.filter(
    ({ required }, index) => required && positionals[index] === undefined,
  )
  const usage = `Write \`runbook ${command.name} ${command.positionals.map(({ name, required }) => (required ? `<${name}>` : `[${name}]`)).join(' ')}\`.`
  if (missing[0]) throw new CliError(exit.usage, `Missing <${missing[0].name}>`, usage)
  const extra = positionals[command.positionals.length]
  if (extra !== undefined) throw new CliError(exit.usage, `Unexpected argument \`${extra}\``, usage)
}
