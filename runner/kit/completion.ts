import type { Command, Option } from './command.ts'

type Options = Record<string, Option>

/** Where the words of a positional come from. */
function source({ positionals }: Command): string {
  const [first] = positionals
  if (first?.name.startsWith('runbook')) return 'runbooks'
  return /^run\b/.test(first?.name ?? '') ? 'runs' : choices(first?.name)
}

/** The words of a form such as `text|json`; for any other the shell completes files. */
function choices(form = ''): string {
  return /^[a-z]+(\|[a-z]+)+$/.test(form) ? form.replaceAll('|', ' ') : ''
}

const flags = (options: Options): string[] => Object.keys(options).map((name) => `--${name}`)

const isList = (words: string): boolean => words === 'runbooks' || words === 'runs'

/** One function: it knows the commands, their flags, and asks the program for names. */
export function bash(commands: readonly Command[], global: Options): string {
  const cases = commands.map((command) => {
    const words = source(command)
    const names = isList(words) ? `$(runbook completion ${words} 2>/dev/null)` : words
    const values = valueCases(command.options)
    return `    '${command.name}') words="${names}"; flags="${flags(command.options).join(' ')}"${values} ;;`
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
  .map((group) => `    '${group}') words="${secondWords(commands, group).join(' ')}" ;;`)
  .join('\n')}
${cases.join('\n')}
  esac
  if [[ "$cur" == -* ]]; then words="$flags ${flags(global).join(' ')}"; fi
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
}
complete -o default -F _runbook runbook`
}

/** After a flag that takes a value come its choices, and else files. */
function valueCases(options: Options): string {
  const cases = Object.entries(options)
    .filter(([, { type }]) => type === 'string')
    .map(([name, { short, value }]) => `--${name}${short ? `|-${short}` : ''}) words="${choices(value)}" ;;`)
  return cases.length === 0 ? '' : `; case "$prev" in ${cases.join(' ')} esac`
}

/** zsh reads the completions of bash. */
export function zsh(commands: readonly Command[], global: Options): string {
  return `#compdef runbook\nautoload -U +X bashcompinit && bashcompinit\n${bash(commands, global)}`
}

export function fish(commands: readonly Command[], global: Options): string {
  const first = firstWords(commands).join(' ')
  const lines = commands.flatMap((command) => {
    const [head = '', second] = command.name.split(' ')
    const summary = quoted(command.summary)
    const here =
      second === undefined
        ? `__fish_seen_subcommand_from ${head}`
        : `__fish_seen_subcommand_from ${head}; and __fish_seen_subcommand_from ${second}`
    const name =
      second === undefined
        ? `complete -c runbook -n 'not __fish_seen_subcommand_from ${first}' -f -a ${head} -d ${summary}`
        : `complete -c runbook -n '__fish_seen_subcommand_from ${head}' -f -a ${second} -d ${summary}`
    const words = source(command)
    const names = isList(words) ? `(runbook completion ${words} 2>/dev/null)` : words
    return [
      name,
      ...(words === '' ? [] : [`complete -c runbook -n '${here}' -f -a '${names}'`]),
      ...Object.entries(command.options).map(
        ([flag, { short, summary: why, type, value }]) =>
          `complete -c runbook -n '${here}' -l ${flag}${short ? ` -s ${short}` : ''}${type === 'string' ? ' -r' : ''}${choices(value) === '' ? '' : ` -f -a '${choices(value)}'`} -d ${quoted(why)}`,
      ),
    ]
  })
  const everywhere = Object.entries(global).map(
    ([flag, { short, summary }]) =>
      `complete -c runbook -l ${flag}${short ? ` -s ${short}` : ''} -d ${quoted(summary)}`,
  )
  return [...lines, ...everywhere].join('\n')
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
