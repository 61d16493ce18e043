import { parseArgs } from 'node:util'
import { suggest } from '../model/suggest.ts'
import { positionalForm } from './command.ts'
import type { Command, Option, OptionValues } from './command.ts'
import { commands, globalOptions } from '../commands/index.ts'
import { CliError } from './error.ts'
import { exit } from './exit.ts'

export interface ParsedArgs {
  command?: Command
  positionals: string[]
  options: OptionValues
}

/** Finds the command and reads its flags; anything not in the tables is refused with the nearest that is. */
export function readArgs(argv: readonly string[]): ParsedArgs {
  if (argv[0] === 'help') return readArgs([...argv.slice(1), '--help'])
  const words = argv.flatMap((word, index) => (word.startsWith('-') ? [] : [index]))
  const name = words[0] === undefined ? undefined : argv[words[0]]
  const group = commands.filter((candidate) => candidate.name.startsWith(`${name} `))
  const second = group.length > 0 && words[1] !== undefined ? argv[words[1]] : undefined
  const full = second === undefined ? name : `${name} ${second}`
  const command = commands.find((candidate) => candidate.name === full)
  const helped = group.length > 0 && second === undefined && /^-(-help|h)$/m.test(argv.join('\n'))
  if (full !== undefined && !command && !helped) throw unknownCommand(full, group)
  const used = words.slice(0, second === undefined ? 1 : 2)
  const rest = argv.filter((_, index) => !used.includes(index))
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

function unknownCommand(name: string, group: readonly Command[]): CliError {
  if (group.length > 0 && !name.includes(' ')) {
    const list = group.map((command) => `\`runbook ${command.name}\``).join(', ')
    return new CliError(exit.usage, `\`runbook ${name}\` needs to know what to do`, `Write ${list}.`)
  }
  const near = suggest(
    name,
    (group.length > 0 ? group : commands).map((command) => command.name),
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
  const usage = `Write \`runbook ${command.name} ${command.positionals.map(positionalForm).join(' ')}\`.`
  if (missing[0]) throw new CliError(exit.usage, `Missing <${missing[0].name}>`, usage)
  const extra =
    command.positionals.at(-1)?.rest === true ? undefined : positionals[command.positionals.length]
  if (extra !== undefined) throw new CliError(exit.usage, `Unexpected argument \`${extra}\``, usage)
}
