import { diagnostic } from '../diagnostic.ts'
import type { Diagnostic } from '../diagnostic.ts'
import type { Meta } from '../meta.ts'
import { memo } from '../memo.ts'
import { language } from './languages.ts'
import { declaredOutputs, lineOf } from '../runbook.ts'
import type { Fence, Step } from '../runbook.ts'

const assignment =
  /(?:^|[;&|({]|\b(?:export|local|declare|readonly|do|then|else)\b)[ \t]*([A-Za-z_]\w*)\+?=/gm
const otherwiseSet =
  /\b(?:for|select|read(?:[ \t]+-\w+)*|mapfile|readarray|printf[ \t]+-v|getopts[ \t]+\S+)[ \t]+([A-Za-z_]\w*)/g
const use = /\$(?:([A-Za-z_]\w*)|\{([A-Za-z_]\w*)\})/g

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
  const matches = [...code.matchAll(assignment), ...code.matchAll(otherwiseSet)]
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
  /^(?:BASH\w*|COLUMNS|DBUS_\w+|DISPLAY|EDITOR|EUID|HOME|HOSTNAME|HOSTTYPE|IFS|KUBECONFIG|LANG|LC_\w+|LINENO|LOGNAME|MACHTYPE|OLDPWD|OSTYPE|PAGER|PATH|PIPESTATUS|PPID|PWD|RANDOM|RUNBOOK\w*|SECONDS|SHELL|SHLVL|SSH_\w+|TEMP|TERM|TMP|TMPDIR|TZ|UID|USER|VISUAL|XDG_\w+|[a-z]+_proxy|[A-Z]+_PROXY)$/

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

/** A script with spaces in place of text in single quotes, which the shell does not read. */
function unquoted(code: string): string {
  return code.replaceAll(/'[^'\n]*'/g, (quoted) => ' '.repeat(quoted.length))
}

function lostVariable({ name, fence, line, column }: Use, source: Step): Diagnostic {
  const at = fence.place.column + column
  const place = { file: fence.place.file, line, column: at, endLine: line, endColumn: at + name.length + 1 }
  return diagnostic(
    'lost-variable',
    place,
    `Unexpected variable \`${name}\`, only the earlier step \`${source.id}\` sets it`,
    {
      hint: 'Set it in this script too: each step is a process of its own.',
      notes: [{ message: 'set in this step', place: source.place }],
    },
  )
}
