import { meaningOf, positionalForm } from './command.ts'
import type { Command, Option } from './command.ts'
import { commandGroups, commands, globalOptions } from '../commands/index.ts'
import { exitMeanings } from './exit.ts'

export function overview(): string {
  const width = Math.max(...commands.map(({ name }) => name.length))
  return [
    'runbook: one file is the page you read, the procedure you run, and the evidence you keep.',
    '',
    'Usage: runbook <command> [arguments] [flags]',
    '',
    ...commandGroups.flatMap(([title, group]) => [
      title,
      ...table(
        group.map(({ name, summary }) => [name, summary]),
        width,
      ),
      '',
    ]),
    'Flags of every command',
    ...table(optionRows(globalOptions)),
    '',
    'Exit codes',
    ...table(exitMeanings.map(([code, meaning]) => [String(code), meaning])),
    '',
    'Examples',
    '  runbook new blank hello',
    '  runbook exec hello',
    '  runbook log last',
  ].join('\n')
}

export function commandHelp(command: Command): string {
  const positionals = command.positionals.map(positionalForm)
  const options =
    Object.keys(command.options).length > 0 ? ['', 'Flags', ...table(optionRows(command.options))] : []
  return [
    command.summary,
    '',
    `Usage: runbook ${[command.name, ...positionals].join(' ')} [flags]`,
    ...options,
    '',
    'Flags of every command',
    ...table(optionRows(globalOptions)),
    '',
    'Examples',
    ...command.examples.map((example) => `  ${example}`),
  ].join('\n')
}

function optionRows(options: Record<string, Option>): [string, string][] {
  return Object.entries(options).map(([name, option]) => [
    `${option.short ? `-${option.short}, ` : '    '}--${name}${option.value ? ` <${option.value}>` : ''}`,
    meaningOf(option),
  ])
}

/** Two columns; on a terminal the right one is broken at words, and stays a column. */
function table(
  rows: readonly (readonly [string, string])[],
  width = Math.max(...rows.map(([left]) => left.length)),
): string[] {
  const room = (process.stdout.columns ?? Infinity) - width - 4
  return rows.map(([left, right]) => {
    const lines = room < 20 ? [right] : broken(right, room)
    return `  ${left.padEnd(width)}  ${lines.join(`\n${' '.repeat(width + 4)}`)}`
  })
}

function broken(text: string, room: number): string[] {
  const lines = ['']
  for (const word of text.split(' ')) {
    const line = lines.at(-1) ?? ''
    if (line !== '' && line.length + 1 + word.length > room) lines.push(word)
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`
  }
  return lines
}
