import { commandsOf, formOf, globalOptions, meaningOf, optionName, optionsOf, usageOf } from '../command.ts'
import type { Command, Options, Program } from '../command.ts'
import { markdownTable } from '../table.ts'

/** The reference of a program in Markdown, made from its declarations alone: flags, exit codes, every command. */
export function programReference(program: Program): string {
  return [
    `## Flags of every command\n\n${flagTable(globalOptions)}`,
    `## Exit codes\n\n${markdownTable(
      ['Code', 'Meaning'],
      program.exits.map(([code, meaning]) => [String(code), meaning]),
    )}`,
    ...commandsOf(program).map((command) => commandReference(program, command, command.name)),
  ].join('\n\n')
}

/** A command: its call, flags and examples. */
export function commandReference(program: Program, command: Command, heading: string, level = 2): string {
  const options = optionsOf(command)
  const flags = Object.keys(options).length > 0 ? [flagTable(options)] : []
  return [
    `${'#'.repeat(level)} ${heading}`,
    escape(command.summary),
    `\`\`\`text\n${usageOf(program, command)} [flags]\n\`\`\``,
    ...flags,
    ...(command.examples.length > 0 ? [`\`\`\`sh no-run\n${command.examples.join('\n')}\n\`\`\``] : []),
  ].join('\n\n')
}

/** A table of flags and what they mean. */
function flagTable(options: Options): string {
  return markdownTable(
    ['Flag', 'Meaning'],
    Object.entries(options).map(([property, option]) => {
      const form = formOf(option)
      const short = option.short === undefined ? '' : `\`-${option.short}\`, `
      return [
        `${short}\`${optionName(property)}${form === '' ? '' : ` <${form}>`}\``,
        escape(meaningOf(option)),
      ]
    }),
  )
}

/** Angle brackets outside code would be HTML. */
function escape(text: string): string {
  return text.replaceAll(/(`[^`]*`)|</g, (_, code: string | undefined) => code ?? '&lt;')
}
