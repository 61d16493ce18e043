import { diagnostic } from '../diagnostic.ts'
import type { Diagnostic, Place } from '../diagnostic.ts'
import type { Meta } from '../meta.ts'
import { memo } from '../memo.ts'
import { language } from './languages.ts'
import { declaredOutputs, lineOf } from '../runbook.ts'
import type { Fence, Step } from '../runbook.ts'
import { scanShell } from '../text/shell/shell-text.ts'
import type { Context } from '../text/shell/shell-text.ts'

const assignment =
  /(?:^|[;&|({]|\b(?:export|local|declare|readonly|do|then|else)\b)[ \t]*([A-Za-z_]\w*)\+?=/gm
const otherwiseSet =
  /\b(?:for|select|read(?:[ \t]+-\w+)*|mapfile|readarray|printf[ \t]+-v|getopts[ \t]+\S+)[ \t]+([A-Za-z_]\w*)/g
const setByDefault = /\$\{([A-Za-z_]\w*):?=/g
const withDefault = /\$\{([A-Za-z_]\w*):?[-+]/g
const use = /(?<!\\)\$(?:([A-Za-z_]\w*)|\{([A-Za-z_]\w*)\})/g

/** Variables a script uses that only an earlier step sets: each step is a process of its own. */
export function lostVariables(steps: readonly Step[], meta: Meta): Diagnostic[] {
  const declared = declaredNames(steps, meta)
  const setBy = new Map<string, Step>()
  const diagnostics: Diagnostic[] = []
  for (const step of steps) {
    for (const fence of step.fences.filter(({ lang }) => language(lang)?.shell)) {
      const own = assigned(fence.code)
      for (const lost of usesOf(fence)) {
        const source = setBy.get(lost.name)
        if (!source || source === step || declared.has(lost.name) || own.has(lost.name)) continue
        declared.add(lost.name)
        diagnostics.push(lostVariable(lost, source))
      }
    }
    for (const { code } of step.fences)
      for (const name of assigned(code)) if (!setBy.has(name)) setBy.set(name, step)
  }
  return diagnostics
}

/** Whether a script takes in variables that another text sets. */
const takesIn = /(?:^|[;&|({]|\b(?:do|then|else)\b)[ \t]*(?:\.|source|eval)[ \t]/m

/** Inputs and outputs that a script reads by their names in upper case: it gets them under the names as they are declared. */
export function upperCaseNames(steps: readonly Step[], meta: Meta): Diagnostic[] {
  const declared = declaredNames(steps, meta)
  const values = new Map<string, string>([
    ...steps.flatMap(declaredOutputs).map((name) => [name.toUpperCase(), `Output \`${name}\``] as const),
    ...Object.keys(meta.inputs ?? {}).map((name) => [name.toUpperCase(), `Input \`${name}\``] as const),
  ])
  const scripts = steps.flatMap(({ fences }) => fences)
  for (const { code } of scripts) {
    for (const name of assigned(code)) declared.add(name)
    for (const [, name = ''] of code.matchAll(withDefault)) declared.add(name)
  }
  return scripts
    .filter(
      ({ lang, code }) =>
        language(lang)?.shell && language(lang)?.command[0] !== 'pwsh' && !takesIn.test(code),
    )
    .flatMap(usesOf)
    .flatMap((one) => {
      const value = values.get(one.name)
      if (value === undefined || declared.has(one.name) || usual.test(one.name)) return []
      declared.add(one.name)
      return [upperCaseName(one, value)]
    })
}

function upperCaseName(variable: Use, value: string): Diagnostic {
  const name = variable.name.toLowerCase()
  const message = `Unexpected variable \`${variable.name}\`, expected \`${name}\``
  const hint = `${value} reaches the script under its own name: write \`$${name}\`.`
  return diagnostic('upper-case-name', placeOf(variable), message, { hint })
}

/** Names that each script gets from the runbook. */
function declaredNames(steps: readonly Step[], meta: Meta): Set<string> {
  return new Set([
    ...Object.keys(meta.inputs ?? {}),
    ...Object.keys(meta.env ?? {}),
    ...(meta.requires?.env ?? []),
    ...(meta.requires?.optionalEnv ?? []),
    ...steps.flatMap(declaredOutputs),
  ])
}

function assigned(code: string): Set<string> {
  const matches = [assignment, otherwiseSet, setByDefault].flatMap((pattern) => [...code.matchAll(pattern)])
  return new Set(matches.map((match) => match[1] ?? ''))
}

/** Names of the variables a shell script reads and does not set itself; one with a default in the script is not read. */
export function variablesRead({ lang, code }: Fence): readonly string[] {
  return language(lang)?.shell ? namesRead(code) : []
}

const namesRead = memo(500, (code): readonly string[] => {
  const own = assigned(code)
  const names = new Set([...unquoted(code).matchAll(use)].map(([, bare, braced]) => bare ?? braced ?? ''))
  return [...names].filter((name) => !own.has(name))
})

/** Variables that every shell has, or that the environment of whoever runs has. */
const usual =
  /^(?:BASH\w*|COLUMNS|COPROC|DBUS_\w+|DIRSTACK|DISPLAY|EDITOR|EPOCH(?:REALTIME|SECONDS)|EUID|FUNCNAME|GIT_PAGER|GROUPS|HISTCMD|HOME|HOSTNAME|HOSTTYPE|IFS|KUBECONFIG|LANG|LANGUAGE|LC_\w+|LINENO|LINES|LOGNAME|MACHTYPE|MAPFILE|OLDPWD|OPTARG|OPTERR|OPTIND|OSTYPE|PAGER|PATH|PIPESTATUS|PPID|PWD|RANDOM|REPLY|RUNBOOK\w*|SECONDS|SHELL|SHLVL|SRANDOM|SSH_\w+|SYSTEMROOT|TEMP|TERM|TMP|TMPDIR|TRACEPARENT|TZ|UID|USER|VISUAL|XDG_\w+|[a-z]+_proxy|[A-Z]+_PROXY)$/

/** Variables that scripts read and nothing sets: a run ends at them. Each with the line of its first use. */
export function unsetVariables(steps: readonly Step[], meta: Meta): { name: string; line: number }[] {
  const declared = declaredNames(steps, meta)
  const scripts = steps.flatMap(({ fences }) => fences.filter(({ lang }) => language(lang)?.shell))
  for (const { code } of scripts) for (const name of assigned(code)) declared.add(name)
  const lines = new Map<string, number>()
  for (const { name, line } of scripts.flatMap(usesOf))
    if (!declared.has(name) && !usual.test(name) && !lines.has(name)) lines.set(name, line)
  return [...lines].map(([name, line]) => ({ name, line }))
}

interface Use {
  name: string
  fence: Fence
  line: number
  column: number
}

function usesOf(fence: Fence): Use[] {
  const code = unquoted(fence.code)
  return [...code.matchAll(use)].map((match) => {
    const before = code.slice(0, match.index).split('\n')
    return {
      name: match[1] ?? match[2] ?? '',
      fence,
      line: lineOf(fence, before.length - 1),
      column: before.at(-1)?.length ?? 0,
    }
  })
}

const expanded: ReadonlySet<Context> = new Set(['bare', 'double', 'heredoc'])

/** A script with spaces in place of what the shell does not expand: text in single quotes, comments, and what a backslash escapes. */
const unquoted = memo(500, (code): string => {
  const text = code.replaceAll(/[^\n]/g, ' ').split('')
  scanShell(code, (at, context) => {
    if (expanded.has(context)) text[at] = code[at] ?? ''
    return undefined
  })
  return text.join('')
})

function placeOf({ name, fence, line, column }: Use): Place {
  const at = fence.place.column + column
  return { file: fence.place.file, line, column: at, endLine: line, endColumn: at + name.length + 1 }
}

function lostVariable(variable: Use, source: Step): Diagnostic {
  return diagnostic(
    'lost-variable',
    placeOf(variable),
    `Unexpected variable \`${variable.name}\`, only the earlier step \`${source.id}\` sets it`,
    {
      hint: 'Set it in this script too: each step is a process of its own.',
      notes: [{ message: 'set in this step', place: source.place }],
    },
  )
}
