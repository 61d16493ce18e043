import { parseArgs } from 'node:util'
import { suggest } from '../model/suggest.ts'
import { commandsOf, formOf, globalOptions, optionName, optionsOf, usageOf } from './command.ts'
import type { Command, Option, Options, Program } from './command.ts'
import { CliError } from './error.ts'
import { exit } from './exit.ts'
import { readAs } from './read-values.ts'

type Given = Record<string, unknown>

export interface ParsedArgs {
  /** Undefined for the program itself. */
  command: Command | undefined
  args: Given
  options: Given
  dryRun: boolean
  help: boolean
  version: boolean
}

/**
 * Finds the command of a call and reads its arguments and options to typed values.
 * @throws {CliError} usage, for a command, option, argument or value that is not declared, with the nearest that is
 */
export function readArgs(program: Program, argv: readonly string[]): ParsedArgs {
  if (argv[0] === 'help') return readArgs(program, [...argv.slice(1), '--help'])
  const { command, rest } = findCommand(program, argv)
  const own = command ? optionsOf(command) : { version: versionOption }
  const { given, positionals } = split(rest, { ...globalOptions, ...own }, helpOf(program, command))
  const called = {
    command,
    help: given['help'] !== undefined,
    version: !command && given['version'] !== undefined,
  }
  if (!command || called.help) return { ...called, args: {}, options: {}, dryRun: false }
  const { dryRun, ...options } = readOptions(own, given, helpOf(program, command))
  return {
    ...called,
    args: readArguments(program, command, positionals),
    options,
    dryRun: dryRun === true,
  }
}

const versionOption: Option = { kind: 'flag', summary: 'Print the version.' }

function helpOf(program: Program, command: Command | undefined): string {
  const name = command && command.name !== program.fallback ? ` ${command.name}` : ''
  return `See \`${program.name}${name} --help\`.`
}

interface Match {
  command: Command | undefined
  rest: string[]
}

function findCommand(program: Program, argv: readonly string[]): Match {
  const commands = commandsOf(program)
  const fallback = commands.find(({ name }) => name === program.fallback)
  // The value of an option would be taken for a command.
  if (fallback && (argv[0] === undefined || argv[0].startsWith('-') || commands.length === 1))
    return { command: fallback, rest: [...argv] }
  const words = argv.flatMap((word, index) => (word.startsWith('-') ? [] : [index]))
  const name = words[0] === undefined ? undefined : argv[words[0]]
  const group = commands.filter((candidate) => candidate.name.startsWith(`${name} `))
  const second = group.length > 0 && words[1] !== undefined ? argv[words[1]] : undefined
  const full = second === undefined ? name : `${name} ${second}`
  const command = commands.find((candidate) => candidate.name === full)
  const helped = group.length > 0 && second === undefined && argv.some((word) => /^-(-help|h)$/.test(word))
  if (full !== undefined && !command && !helped) throw unknownCommand(program, full, group)
  const used = words.slice(0, second === undefined ? 1 : 2)
  return { command, rest: argv.filter((_, index) => !used.includes(index)) }
}

function unknownCommand(program: Program, name: string, group: readonly Command[]): CliError {
  if (group.length > 0 && !name.includes(' ')) {
    const list = group.map((command) => `\`${program.name} ${command.name}\``).join(', ')
    return new CliError(exit.usage, `\`${program.name} ${name}\` needs a command`, `Write ${list}.`)
  }
  const names = (group.length > 0 ? group : [...commandsOf(program), ...(program.programs?.[1] ?? [])]).map(
    (one) => one.name,
  )
  const near = suggest(name, names)
  return new CliError(
    exit.usage,
    `Unexpected command \`${name}\``,
    near ? `Did you mean \`${program.name} ${near}\`?` : `See \`${program.name} --help\`.`,
  )
}

/** Sorts the words of a call into options and positionals, by property; what is not declared is refused. */
function split(
  args: string[],
  declared: Options,
  help: string,
): { given: Record<string, string[]>; positionals: string[] } {
  const byName = new Map(Object.keys(declared).map((property) => [optionName(property).slice(2), property]))
  const options = Object.fromEntries(
    [...byName].map(([name, property]) => {
      const { kind, short } = declared[property] as Option
      return [name, { type: kind === 'flag' ? 'boolean' : 'string', ...(short ? { short } : {}) } as const]
    }),
  )
  const { tokens } = parseArgs({ args, options, strict: false, tokens: true, allowPositionals: true })
  const given: Record<string, string[]> = {}
  const positionals: string[] = []
  for (const token of tokens) {
    if (token.kind === 'positional') positionals.push(token.value)
    if (token.kind !== 'option') continue
    const property = byName.get(token.name)
    const option = property === undefined ? undefined : declared[property]
    if (property === undefined || option === undefined)
      throw unknownOption(token.rawName, [...byName.keys()], help)
    const name = optionName(property)
    if (given[property] && !(option.kind === 'value' && option.presence === 'many'))
      throw new CliError(exit.usage, `\`${name}\` is given twice`, `Give \`${name}\` once.`)
    ;(given[property] ??= []).push(optionText(name, option, token))
  }
  return { given, positionals }
}

interface OptionToken {
  value?: string | undefined
  inlineValue?: boolean | undefined
}

function optionText(name: string, option: Option, { value, inlineValue }: OptionToken): string {
  if (option.kind === 'flag') {
    if (value === undefined) return ''
    throw new CliError(exit.usage, `\`${name}\` takes no value`, `Write \`${name}\` alone.`)
  }
  const isOption = inlineValue !== true && value !== undefined && /^-./.test(value)
  if (value !== undefined && !isOption) return value
  const form = formOf(option)
  const hint = isOption
    ? `Write \`${name}=${value}\` for a value that begins with a hyphen.`
    : `Write \`${name} <${form}>\`.`
  throw new CliError(exit.usage, `\`${name}\` needs a value`, hint)
}

function unknownOption(flag: string, names: readonly string[], help: string): CliError {
  const near = suggest(flag.replace(/^-+/, ''), names)
  return new CliError(
    exit.usage,
    `Unexpected flag \`${flag}\``,
    near && flag.startsWith('--') ? `Did you mean \`--${near}\`?` : help,
  )
}

function readOptions(declared: Options, given: Record<string, string[]>, help: string): Given {
  return Object.fromEntries(
    Object.entries(declared).map(([property, option]) => {
      const texts = given[property]
      if (option.kind === 'flag') return [property, texts !== undefined]
      const name = optionName(property)
      if (option.presence === 'many')
        return [property, (texts ?? []).map((text) => readAs(option.type, text, name))]
      const text = texts?.[0] || option.default
      if (text !== undefined && text.trim() !== '') return [property, readAs(option.type, text, name)]
      if (option.presence === 'optional') return [property, undefined]
      throw new CliError(exit.usage, `Missing \`${name}\``, `Add \`${name} <${formOf(option)}>\`. ${help}`)
    }),
  )
}

function readArguments(program: Program, command: Command, positionals: readonly string[]): Given {
  const usage = `Write \`${usageOf(program, command)}\`.`
  const declared = Object.entries(command.args)
  const extra = declared.at(-1)?.[1].presence === 'many' ? undefined : positionals[declared.length]
  const values = declared.map(([name, argument], index) => {
    const positional = positionals[index]
    const form = `<${formOf(argument)}>`
    if (positional === undefined && argument.presence === 'optional') return [name, undefined]
    if (positional === undefined) throw new CliError(exit.usage, `Missing \`${form}\``, usage)
    if (argument.presence !== 'many') return [name, readAs(argument.type, positional, form)]
    return [name, positionals.slice(index).map((text) => readAs(argument.type, text, form))]
  })
  if (extra !== undefined) throw new CliError(exit.usage, `Unexpected argument \`${extra}\``, usage)
  return Object.fromEntries(values) as Given
}
