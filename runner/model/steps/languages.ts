/** How a script of a language is started: the interpreter and its arguments before the script's path. */
export interface Language {
  command: readonly [string, ...string[]]
  /** File extension some interpreters insist on. */
  extension: string
  /** Whether it is a shell: then prompts, placeholders and variables that were never set are looked for. */
  shell: boolean
}

const bash: Language = { command: ['bash', '-euo', 'pipefail'], extension: '.sh', shell: true }
const sh: Language = { command: ['sh', '-eu'], extension: '.sh', shell: true }
const node: Language = { command: ['node'], extension: '.mjs', shell: false }
const python: Language = { command: ['python3'], extension: '.py', shell: false }
const pwsh: Language = { command: ['pwsh', '-NoProfile', '-File'], extension: '.ps1', shell: true }

const languages: Record<string, Language> = {
  bash,
  shell: bash,
  sh,
  zsh: { command: ['zsh', '-eu'], extension: '.sh', shell: true },
  node,
  javascript: node,
  js: node,
  python,
  python3: python,
  py: python,
  pwsh,
  powershell: pwsh,
}

/** The language a fence names, or undefined when it cannot be run. */
export function language(name: string): Language | undefined {
  return Object.hasOwn(languages, name) ? languages[name] : undefined
}

export const scriptLanguages: readonly string[] = Object.keys(languages)

/**
 * The program and arguments before the script's path. A first line `#!` is read here as the kernel reads it, with
 * everything after the program as one argument: then the script need not be executable where it is kept.
 */
export function commandOf({ lang, code }: { lang: string; code: string }): [string, ...string[]] | undefined {
  const shebang = /^#![ \t]*(\S+)[ \t]*(.*?)\s*$/m.exec(code.split('\n', 1)[0] ?? '')
  if (!shebang) {
    const command = language(lang)?.command
    return command && [...command]
  }
  const [, program = '', argument = ''] = shebang
  return argument === '' ? [program] : [program, argument]
}

/** Whether a fence is run as a program: its language names an interpreter, or its first line does. */
export function isScript({ lang, code }: { lang: string; code: string }): boolean {
  return language(lang) !== undefined || code.startsWith('#!')
}
