import { commandsOf, formOf, globalOptions, meaningOf, optionName, optionsOf, usageOf } from '../command.ts'
import type { Command, Options, Program } from '../command.ts'

/**
 * The manual page of a program (section 1) in roff, made from its declarations.
 * @param day of its version, such as `2026-11-30`
 */
export function manPage(program: Program, version: string, day: string): string {
  const commands = commandsOf(program)
  return [
    `.TH ${program.name.toUpperCase()} 1 "${day}" "${program.name} ${version}" "User Commands"`,
    // A hyphen at the end of a line would be read as one of a flag or a file.
    '.nh',
    '.ad l',
    '.SH NAME',
    `${program.name} \\- ${roff(program.summary.replace(/\.$/, ''))}`,
    '.SH SYNOPSIS',
    `.B ${program.name}`,
    '.I command\n[\\fIarguments\\fR] [\\fIflags\\fR]',
    '.SH DESCRIPTION',
    'Results are on standard output, everything else is on standard error.',
    'An unknown command or flag is refused with a suggestion, and nothing runs.',
    '.SH FLAGS OF EVERY COMMAND',
    ...flags(globalOptions),
    '.SH COMMANDS',
    ...commands.flatMap((command) => section(program, command)),
    '.SH EXIT STATUS',
    ...program.exits.flatMap(([code, meaning]) => ['.TP', `.B ${code}`, roff(meaning)]),
    '.SH SEE ALSO',
    '.BR git (1),\n.BR ssh\\-keygen (1)',
    '',
  ].join('\n')
}

function section(program: Program, command: Command): string[] {
  return [
    `.SS "${roff(usageOf(program, command))}"`,
    roff(command.summary),
    ...flags(optionsOf(command)),
    ...(command.examples.length === 0
      ? []
      : ['.PP', '.nf', '.RS', ...command.examples.map(roff), '.RE', '.fi']),
  ]
}

function flags(options: Options): string[] {
  return Object.entries(options).flatMap(([property, option]) => {
    const form = formOf(option)
    const short = option.short === undefined ? '' : `\\fB\\-${option.short}\\fR, `
    const value = form === '' ? '' : ` \\fI${roff(form)}\\fR`
    return ['.TP', `${short}\\fB${roff(optionName(property))}\\fR${value}`, roff(meaningOf(option))]
  })
}

/** Text as roff shows it: a hyphen stays one that can be copied, and no line begins a request. */
function roff(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll('"', '\\(dq')
    .replaceAll(/`([^`]+)`/g, '\\fB$1\\fR')
    .replaceAll(/^([.'])/gm, '\\&$1')
}
