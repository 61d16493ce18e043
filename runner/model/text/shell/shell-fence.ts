import { suggest } from '../../suggest.ts'

/** Languages of plain Markdown that mean a shell, and what runs them. `console` holds prompts and output. */
const shells: Record<string, 'bash' | 'sh' | 'zsh' | 'console'> = {
  bash: 'bash',
  shell: 'bash',
  shellscript: 'bash',
  'shell-script': 'bash',
  sh: 'sh',
  dash: 'sh',
  ash: 'sh',
  zsh: 'zsh',
  console: 'console',
  shellsession: 'console',
  'shell-session': 'console',
  'sh-session': 'console',
  'bash-session': 'console',
  bashsession: 'console',
  'zsh-session': 'console',
  terminal: 'console',
  azurecli: 'bash',
  'azure-cli': 'bash',
}

/** Shells and consoles that exist, but that no step runs from a Markdown document. */
const otherShells = new Set(
  'azcopy azurepowershell bat batch batchfile cli cmd command command-line commandline cmdline csh dos doscon fish irb ksh ksh93 nu nushell posh powershell ps ps1 ps1con pwsh pwsh-session pycon tcsh term'.split(
    ' ',
  ),
)

/** Languages that say that a fence is only to be read. */
const onlyText = new Set('text txt plain plaintext none output log logs example console-output'.split(' '))

export interface ShellFence {
  /** The program that runs it. */
  lang: 'bash' | 'sh' | 'zsh'
  /** Whether the language means that the fence contains prompts and output. */
  session: boolean
}

/** The info string after the backticks of a fence. */
interface Info {
  lang?: string | null | undefined
  meta?: string | null | undefined
}

/**
 * The shell a fence's language names, however it is decorated: `Bash`, `{.bash}`, `bash{1,3}`, `language-bash`,
 * `azurecli-interactive`, `{code-block} bash`.
 */
export function shellFence(info: Info): ShellFence | undefined {
  const word = plainLanguage(info)
  const shell = Object.hasOwn(shells, word) ? shells[word] : undefined
  if (!shell) return undefined
  return { lang: shell === 'console' ? 'bash' : shell, session: shell === 'console' }
}

/** Whether the language says that nobody types the fence. */
export function isOnlyText(info: Info): boolean {
  return onlyText.has(plainLanguage(info))
}

/** Why a fence that is not a shell looks as if it should be one; undefined when it does not. */
export function nearlyShell(info: Info): { hint: string } | undefined {
  const word = plainLanguage(info)
  if (otherShells.has(word))
    return {
      hint: 'Only bash, sh and zsh are run from a Markdown document: name one of them, write a <Command> in an .mdx file, or mark the fence `example`.',
    }
  if (word.length < 4 || otherLanguages.has(word)) return undefined
  const near = suggest(
    word,
    Object.keys(shells).filter((name) => name.length > 3),
  )
  return near ? { hint: `Did you mean \`${near}\`?` } : undefined
}

/** Real languages whose names are near to a shell's. */
const otherLanguages = new Set([
  'dart',
  'hash',
  'base',
  'mesh',
  'scala',
  'shader',
  'ebash',
  'lush',
  'haskell',
])

function plainLanguage({ lang, meta }: Info): string {
  const directive = /^\{(?:code(?:-block|-cell)?|sourcecode|prompt)\}$/.test(lang ?? '')
  const word = directive ? (meta ?? '').trim() : (lang ?? '')
  return word
    .toLowerCase()
    .replace(/^\{?\.?(?:language-)?/, '')
    .replace(/[^\w+#./-].*$/s, '')
    .replace(/-interactive$/, '')
}
