import { commandsOf, formOf, globalOptions, meaningOf, optionName, optionsOf, usageOf } from '../command.ts'
import type { Command, Options, Program } from '../command.ts'
import { columns } from '../table.ts'

/** Help of a program: its commands by name; of the one that runs without a name, in full. */
export function programHelp(program: Program): string {
  const commands = commandsOf(program)
  const [title = '', programs = []] = program.programs ?? []
  const width = Math.max(...[...commands, ...programs].map(({ name }) => name.length))
  const fallback = commands.find(({ name }) => name === program.fallback)
  const list =
    commands.length === 1 && fallback
      ? []
      : [
          `Usage: ${program.name} <command> [arguments] [flags]`,
          '',
          ...program.groups.flatMap(([heading, group]) => [
            heading,
            ...columns(
              group.map((command) => [command === fallback ? '(none)' : command.name, command.summary]),
              width,
            ),
            '',
          ]),
          ...(programs.length === 0
            ? []
            : [
                `${title} (\`${program.name} <name> --help\` lists the commands of one)`,
                ...columns(
                  programs.map(({ name, summary }) => [name, sentence(summary)]),
                  width,
                ),
                '',
              ]),
        ]
  return [
    `${program.name}: ${program.summary}`,
    '',
    ...list,
    ...(fallback ? usage(program, fallback) : []),
    'Flags of every command',
    ...columns(optionRows(globalOptions)),
    '',
    'Exit codes',
    ...columns(program.exits.map(([code, meaning]) => [String(code), meaning])),
    ...examples(fallback ? fallback.examples : program.examples),
  ].join('\n')
}

export function commandHelp(program: Program, command: Command): string {
  return [
    command.summary,
    '',
    ...usage(program, command),
    'Flags of every command',
    ...columns(optionRows(globalOptions)),
    ...examples(command.examples),
  ].join('\n')
}

function usage(program: Program, command: Command): string[] {
  const rows = optionRows(optionsOf(command))
  const described = Object.values(command.args).filter(({ summary }) => summary !== '')
  return [
    `Usage: ${usageOf(program, command)} [flags]`,
    '',
    ...(described.length > 0
      ? ['Arguments', ...columns(described.map((argument) => [formOf(argument), argument.summary])), '']
      : []),
    ...(rows.length > 0 ? ['Flags', ...columns(rows), ''] : []),
  ]
}

function examples(lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ['', 'Examples', ...lines.map((line) => `  ${line}`)]
}

function optionRows(options: Options): [string, string][] {
  return Object.entries(options).map(([property, option]) => {
    const form = formOf(option)
    const short = option.short === undefined ? '    ' : `-${option.short}, `
    return [`${short}${optionName(property)}${form === '' ? '' : ` <${form}>`}`, meaningOf(option)]
  })
}

/** With a capital letter. */
export function sentence(summary: string): string {
  return `${summary.charAt(0).toUpperCase()}${summary.slice(1)}`
}
