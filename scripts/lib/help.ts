import type { Option } from './args.ts'
import type { Command, Program } from './command.ts'

/** The help text of a whole program: its default command in full, the others by name. */
export function programHelp(program: Program): string {
  const names = Object.keys(program.commands)
  const fallback = program.fallback
  const parts = [`${program.name}: ${program.summary}\n`]
  if (names.length > 1 || fallback === undefined) {
    parts.push(
      `\nCommands:\n${table(names.map((name) => [name === fallback ? '(none)' : name, program.commands[name]?.summary ?? '']))}`,
    )
    parts.push(`  Each takes --help.\n`)
  }
  const main = fallback === undefined ? undefined : program.commands[fallback]
  if (main !== undefined) parts.push(details(program.name, main))
  return parts.join('') + EXIT_CODES
}

/** The help text of one command. */
export function commandHelp(program: Program, name: string): string {
  const command = program.commands[name]
  if (command === undefined) return ''
  return `${program.name} ${name}: ${command.summary}\n${details(`${program.name} ${name}`, command)}${EXIT_CODES}`
}

const EXIT_CODES = '\nExit codes: 0 done, 1 failed, 2 usage.\n'

function details(name: string, command: Command): string {
  const positionals = (command.positionals ?? []).map((word) => ` <${word.toLowerCase()}>`).join('')
  const rows = Object.entries(command.options).map(([flag, option]): [string, string] => [
    flagWord(flag, option),
    option.help,
  ])
  const examples =
    command.examples === undefined
      ? ''
      : `\nExamples:\n${command.examples.map((line) => `  ${line}\n`).join('')}`
  return `\nUsage: ${name}${positionals} [flags]\n\nFlags:\n${table(rows)}${examples}`
}

function flagWord(flag: string, option: Option): string {
  return option.type === 'boolean' ? `--${flag}` : `--${flag} ${option.value ?? 'VALUE'}`
}

function table(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([left]) => left.length))
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}\n`).join('')
}
