import { meaningOf, positionalForm } from './command.ts'
import type { Command, Option } from './command.ts'
import { commands, globalOptions } from '../commands/index.ts'
import { exitMeanings } from './exit.ts'

/** The reference of the command line as a Markdown page, made from the table of commands alone. */
export function cliReference(): string {
  return (
    [
      '---\ntitle: Command line\ndescription: Every command, flag and exit code.\norder: 205\n---',
      'Results go to standard output, everything else to standard error. An unknown command or flag is refused with a suggestion, and nothing runs.',
      `## Flags of every command\n\n${flagTable(globalOptions)}`,
      `## Exit codes\n\n${table(
        ['Code', 'Meaning'],
        exitMeanings.map(([code, meaning]) => [String(code), meaning]),
      )}`,
      ...commands.map(section),
    ].join('\n\n') + '\n'
  )
}

function section({ name, summary, positionals, options, examples }: Command): string {
  const usage = ['runbook', name, ...positionals.map(positionalForm), '[flags]'].join(' ')
  const flags = Object.keys(options).length > 0 ? [flagTable(options)] : []
  return [
    `## ${name}`,
    escape(summary),
    `\`\`\`text\n${usage}\n\`\`\``,
    ...flags,
    `\`\`\`sh no-run\n${examples.join('\n')}\n\`\`\``,
  ].join('\n\n')
}

function flagTable(options: Record<string, Option>): string {
  return table(
    ['Flag', 'Meaning'],
    Object.entries(options).map(([name, option]) => [
      `${option.short ? `\`-${option.short}\`, ` : ''}\`--${name}${option.value ? ` <${option.value}>` : ''}\``,
      escape(meaningOf(option)),
    ]),
  )
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', String.raw`\|`)).join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}

/** Angle brackets outside code would be HTML. */
function escape(text: string): string {
  return text.replaceAll(/(`[^`]*`)|</g, (_, code: string | undefined) => code ?? '&lt;')
}
