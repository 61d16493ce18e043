import { meaningOf, positionalForm } from './command.ts'
import type { Command, Option } from './command.ts'
import { commands, globalOptions } from './commands.ts'
import { exitMeanings } from './exit.ts'

export function overview(): string {
  return [
    'runbook: one file is the page you read, the procedure you run, and the evidence you keep.',
    '',
    'Usage: runbook <command> [arguments] [flags]',
    '',
    'Commands',
    ...table(commands.map(({ name, summary }) => [name, summary])),
    '',
    'Flags of every command',
    ...table(optionRows(globalOptions)),
    '',
    'Exit codes',
    ...table(exitMeanings.map(([code, meaning]) => [String(code), meaning])),
    '',
    'Examples',
    '  runbook list',
    '  runbook exec release-checklist -i version=1.4.0',
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

function table(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...rows.map(([left]) => left.length))
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`)
}
