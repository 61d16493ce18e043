import { commandsOf, globalOptions, optionName, optionsOf } from '../command.ts'
import type { Command, Option, Options, Program } from '../command.ts'
import type { ValueType } from '../types.ts'

type Shell = (program: Program) => string

/** The words of a value; for any other the shell completes files. Names are asked of the program. */
function wordsOf(type: ValueType<unknown> | undefined, list: (names: string) => string): string {
  const words = type?.words
  return typeof words === 'string' ? list(words) : (words ?? []).join(' ')
}

/** Where the words of the first argument come from. */
function firstArgument({ args }: Command): ValueType<unknown> | undefined {
  return Object.values(args)[0]?.type
}

function typeOf(option: Option): ValueType<unknown> | undefined {
  return option.kind === 'flag' ? undefined : option.type
}

const flags = (options: Options): string[] => Object.keys(options).map(optionName)

/** One function: it knows the commands, their flags, and asks the program for names. */
export const bash: Shell = (program) => {
  const commands = commandsOf(program)
  const list = (names: string): string => `$(${program.name} completion ${names} 2>/dev/null)`
  const cases = commands.map((command) => {
    const options = optionsOf(command)
    const words = [...secondWords(commands, command.name), wordsOf(firstArgument(command), list)]
      .join(' ')
      .trim()
    return `    '${command.name}') words="${words}"; flags="${flags(options).join(' ')}"${valueCases(options, list)} ;;`
  })
  return `_runbook() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" prev="\${COMP_WORDS[COMP_CWORD - 1]}" command=""
  local words="" flags="" index
  COMPREPLY=()
  for ((index = 1; index < COMP_CWORD; index++)); do
    [[ "\${COMP_WORDS[index]}" == -* ]] || command="\${command:+$command }\${COMP_WORDS[index]}"
    case " ${groups(commands).join(' ')} " in *" $command "*) continue ;; esac
    [[ -n "$command" ]] && break
  done
  case "$command" in
    '') words="${firstWords(commands).join(' ')}" ;;
${groups(commands)
  .filter((group) => !commands.some(({ name }) => name === group))
  .map((group) => `    '${group}') words="${secondWords(commands, group).join(' ')}" ;;`)
  .join('\n')}
${cases.join('\n')}
  esac
  if [[ "$cur" == -* ]]; then words="$flags ${flags(globalOptions).join(' ')}"; fi
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
}
complete -o default -F _runbook ${program.name}`
}

/** After a flag that takes a value come its words, and else files. */
function valueCases(options: Options, list: (names: string) => string): string {
  const cases = Object.entries(options)
    .filter(([, { kind }]) => kind === 'value')
    .map(([property, option]) => {
      const names = `${optionName(property)}${option.short === undefined ? '' : `|-${option.short}`}`
      return `${names}) words="${wordsOf(typeOf(option), list)}" ;;`
    })
  return cases.length === 0 ? '' : `; case "$prev" in ${cases.join(' ')} esac`
}

/** zsh reads the completions of bash. The first completion of a session loads the file, and is answered by its last line. */
export const zsh: Shell = (program) =>
  `#compdef ${program.name}\nautoload -U +X bashcompinit && bashcompinit\n${bash(program)}
if [[ "\${funcstack[1]}" == _runbook ]]; then _bash_complete -o default -F _runbook; fi`

export const fish: Shell = (program) => {
  const commands = commandsOf(program)
  const list = (names: string): string => `(${program.name} completion ${names} 2>/dev/null)`
  const first = firstWords(commands).join(' ')
  const complete = `complete -c ${program.name}`
  const lines = commands.flatMap((command) => {
    const [head = '', second] = command.name.split(' ')
    const summary = quoted(command.summary)
    const here =
      second === undefined
        ? `__fish_seen_subcommand_from ${head}`
        : `__fish_seen_subcommand_from ${head}; and __fish_seen_subcommand_from ${second}`
    const name =
      second === undefined
        ? `${complete} -n 'not __fish_seen_subcommand_from ${first}' -f -a ${head} -d ${summary}`
        : `${complete} -n '__fish_seen_subcommand_from ${head}' -f -a ${second} -d ${summary}`
    const words = wordsOf(firstArgument(command), list)
    return [
      name,
      ...(words === '' ? [] : [`${complete} -n '${here}' -f -a '${words}'`]),
      ...Object.entries(optionsOf(command)).map(([property, option]) => {
        const choices = wordsOf(typeOf(option), list)
        const value = `${option.kind === 'value' ? ' -r' : ''}${choices === '' ? '' : ` -f -a '${choices}'`}`
        return `${complete} -n '${here}' ${fishFlag(property, option)}${value} -d ${quoted(option.summary)}`
      }),
    ]
  })
  const everywhere = Object.entries(globalOptions).map(
    ([property, option]) => `${complete} ${fishFlag(property, option)} -d ${quoted(option.summary)}`,
  )
  const heads = groups(commands)
    .filter((group) => !commands.some(({ name }) => name === group))
    .map((group) => `${complete} -n 'not __fish_seen_subcommand_from ${first}' -f -a ${group}`)
  return [...heads, ...lines, ...everywhere].join('\n')
}

function fishFlag(property: string, { short }: Option): string {
  return `-l ${optionName(property).slice(2)}${short === undefined ? '' : ` -s ${short}`}`
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", String.raw`\'`)}'`
}

function groups(commands: readonly Command[]): string[] {
  return [...new Set(commands.flatMap(({ name }) => (name.includes(' ') ? [name.split(' ')[0] ?? ''] : [])))]
}

function firstWords(commands: readonly Command[]): string[] {
  return [...new Set(commands.map(({ name }) => name.split(' ')[0] ?? ''))]
}

function secondWords(commands: readonly Command[], group: string): string[] {
  return commands.flatMap(({ name }) => (name.startsWith(`${group} `) ? [name.split(' ')[1] ?? ''] : []))
}
