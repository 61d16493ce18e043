import { suggest } from './suggest.ts'

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
}

/** Shells that exist, but that no step runs from a Markdown document. */
const otherShells = new Set(
  'batch bat cmd dos csh tcsh fish ksh ksh93 nu nushell powershell ps1 posh pwsh'.split(' '),
)

export interface ShellFence {
  /** What runs it. */
  lang: 'bash' | 'sh' | 'zsh'
  /** Whether the language says that prompts and output stand in it. */
  session: boolean
}

/** The shell a fence's language names, however it is decorated: `Bash`, `{.bash}`, `bash{1,3}`, `language-bash`. */
export function shellFence(lang: string | null | undefined): ShellFence | undefined {
  const word = plainLanguage(lang)
  const shell = Object.hasOwn(shells, word) ? shells[word] : undefined
  if (!shell) return undefined
  return { lang: shell === 'console' ? 'bash' : shell, session: shell === 'console' }
}

/** Why a fence that is no shell looks as if it should be one; undefined when it does not. */
export function nearlyShell(lang: string | null | undefined): { hint: string } | undefined {
  const word = plainLanguage(lang)
  if (otherShells.has(word))
    return {
      hint: 'Only bash, sh and zsh are run from a Markdown document; write a <Command> in an .mdx file.',
    }
  if (word.length < 4 || knownLanguages.has(word)) return undefined
  const near = suggest(
    word,
    Object.keys(shells).filter((name) => name.length > 3),
  )
  return near ? { hint: `Did you mean \`${near}\`?` } : undefined
}

/** Real languages whose names are near to a shell's. */
const knownLanguages = new Set([
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

function plainLanguage(lang: string | null | undefined): string {
  return (lang ?? '')
    .toLowerCase()
    .replace(/^\{?\.?(?:language-)?/, '')
    .replace(/[^\w+#./-].*$/s, '')
}
