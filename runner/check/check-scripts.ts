import { spawn } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { scratchFolder } from '../scratch-folder.ts'
import { whenNotHeard } from '../when-interrupted.ts'
import { diagnostic } from '../model/diagnostic.ts'
import type { Diagnostic } from '../model/diagnostic.ts'
import { lineOf } from '../model/runbook.ts'
import type { Fence, Runbook } from '../model/runbook.ts'
import { areSimpleCommands } from './simple-commands.ts'

/** The shells that can read a script without running it, and how. */
const readers: Record<string, string> = { bash: 'bash', shell: 'bash', sh: 'sh', zsh: 'zsh' }

export interface ShellTools {
  /** Names of the shells there are on this machine. */
  shells: ReadonlySet<string>
  shellcheck: boolean
}

/** A finding about a script: the line is 1-based within the script. */
interface ScriptProblem {
  line: number
  column: number
  code: 'shell-syntax' | 'shellcheck'
  message: string
  hint: string
}

interface Script {
  shell: string
  code: string
}

/** The scripts of a document that a shell would read. */
export function shellFences(document: Runbook): Fence[] {
  return document.steps
    .flatMap(({ fences }) => fences)
    .filter(({ lang, code }) => Object.hasOwn(readers, lang) && !code.startsWith('#!'))
}

/**
 * Lets the shells read the scripts of several documents without running them, and shellcheck where it is installed.
 * One driving shell reads many files.
 */
export async function checkScripts(
  documents: readonly Runbook[],
  tools: ShellTools,
): Promise<Map<Runbook, Diagnostic[]>> {
  const asked = documents.flatMap((document) => shellFences(document).map((fence) => ({ document, fence })))
  const scripts = new Map<string, Script>()
  for (const { fence } of asked) {
    const shell = readers[fence.lang] ?? 'bash'
    if (tools.shells.has(shell) && (tools.shellcheck || !areSimpleCommands(fence.code)))
      scripts.set(keyOf(fence), { shell, code: fence.code })
  }
  const problems = scripts.size === 0 ? new Map<string, ScriptProblem[]>() : await readScripts(scripts, tools)
  const findings = new Map<Runbook, Diagnostic[]>(documents.map((document) => [document, []]))
  for (const { document, fence } of asked) {
    for (const problem of problems.get(keyOf(fence)) ?? [])
      findings.get(document)?.push(diagnosticOf(problem, fence))
  }
  return findings
}

function keyOf(fence: Fence): string {
  return `${readers[fence.lang]}\0${fence.code}`
}

function diagnosticOf({ line, column, code, message, hint }: ScriptProblem, fence: Fence): Diagnostic {
  const last = fence.code.replace(/\n+$/, '').split('\n').length
  const place = {
    file: fence.place.file,
    line: lineOf(fence, Math.min(line, last) - 1),
    column: fence.place.column + Math.max(0, column - 1),
  }
  return diagnostic(code, place, message, { hint })
}

async function readScripts(
  scripts: ReadonlyMap<string, Script>,
  tools: ShellTools,
): Promise<Map<string, ScriptProblem[]>> {
  using scratch = scratchFolder('check')
  const folder = scratch.path
  const files = [...scripts].map(([key, script], index) => ({ key, ...script, file: `${index}.sh` }))
  for (const { file, code } of files) writeFileSync(join(folder, file), `${code}\n`)
  const problems = new Map<string, ScriptProblem[]>()
  const add = (file: string, problem: ScriptProblem): void => {
    const key = files[Number.parseInt(file, 10)]?.key ?? ''
    problems.set(key, [...(problems.get(key) ?? []), problem])
  }
  // A shell has nothing to say on simple commands; shellcheck does.
  const unsure = files.filter(({ code }) => !areSimpleCommands(code))
  const halves = [unsure.filter((_, index) => index % 2 === 0), unsure.filter((_, index) => index % 2 === 1)]
  const outputs = await Promise.all(halves.map((half) => readSyntax(half, folder)))
  for (const [file, problem] of outputs.flat()) add(file, problem)
  if (tools.shellcheck) for (const [file, problem] of await runShellcheck(files, folder)) add(file, problem)
  return problems
}

/** `-n` reads commands and runs none. The loop is a constant; file names are arguments of ours. */
const loop = 'while [ $# -gt 0 ]; do "$1" -n "./$2" 2>&1 </dev/null; shift 2; done'

async function readSyntax(
  files: readonly { shell: string; file: string }[],
  folder: string,
): Promise<[string, ScriptProblem][]> {
  const problems: [string, ScriptProblem][] = []
  for (let from = 0; from < files.length; from += 400) {
    const args = files.slice(from, from + 400).flatMap(({ shell, file }) => [shell, file])
    const output = await run('bash', ['-c', loop, 'check', ...args], folder)
    problems.push(...syntaxProblems(output))
  }
  return problems
}

/**
 * The first message of each file counts; what follows is its consequence.
 * @internal
 */
export function syntaxProblems(output: string): [string, ScriptProblem][] {
  const first = new Map<string, ScriptProblem>()
  for (const line of output.split('\n')) {
    const [, file, number, message] = /^(?:\.\/)?(\d+\.sh):(?: line)? ?(\d+): (.*)$/.exec(line) ?? []
    if (file === undefined || message === undefined || first.has(file)) continue
    const text = message.replace(/^Syntax error: /, '').replace(/^syntax error(?: near)?:? ?/, '')
    const what = /here-document/.test(message)
      ? 'here-document without its end'
      : text === ''
        ? 'token'
        : text
    first.set(file, {
      line: Number(number),
      column: 1,
      code: 'shell-syntax',
      message: `Unexpected ${what
        .replace(/^unexpected /, '')
        .replace(/ unexpected(?= |$)/, '')
        .replaceAll("``'", 'backtick')
        .replaceAll(/[`']([^`']*)'/g, '`$1`')}, expected valid shell`,
      hint: 'Correct the script, or write `example` after its language if it is not meant to run.',
    })
  }
  return [...first]
}

async function runShellcheck(
  files: readonly { shell: string; file: string }[],
  folder: string,
): Promise<[string, ScriptProblem][]> {
  const problems: [string, ScriptProblem][] = []
  for (const shell of ['bash', 'sh']) {
    const names = files.filter((file) => file.shell === shell).map(({ file }) => `./${file}`)
    // Inputs and outputs are variables that no line of the script sets, and a script ends at a `cd` that fails.
    if (names.length > 0)
      problems.push(
        ...shellcheckProblems(
          await run(
            'shellcheck',
            ['--norc', '-s', shell, '-e', 'SC2154,SC2148,SC2164', '-f', 'json', ...names],
            folder,
          ),
        ),
      )
  }
  return problems
}

/** @internal */
export function shellcheckProblems(output: string): [string, ScriptProblem][] {
  let items: unknown
  try {
    items = JSON.parse(output)
  } catch {
    return []
  }
  if (!Array.isArray(items)) return []
  return (
    (items as { file: string; line: number; column: number; code: number; level: string; message: string }[])
      // `bash -n` has told about what cannot be read at all.
      .filter(({ level, code }) => level !== 'style' && level !== 'info' && !(code >= 1000 && code < 2000))
      .map(({ file, line, column, code, message }): [string, ScriptProblem] => [
        file.replace(/^\.\//, ''),
        {
          line,
          column,
          code: 'shellcheck',
          message: `shellcheck SC${code}: ${message.replace(/\.$/, '')}`,
          hint: `See https://www.shellcheck.net/wiki/SC${code}.`,
        },
      ])
  )
}

/** Which of the programs exist, by a look into the folders of PATH. */
export function findShellTools(path = process.env['PATH'] ?? ''): ShellTools {
  const folders = path.split(delimiter).filter((folder) => folder !== '')
  const has = (name: string): boolean =>
    folders.some((folder) => existsSync(join(folder, name)) || existsSync(join(folder, `${name}.exe`)))
  return { shells: new Set(['bash', 'sh', 'zsh'].filter(has)), shellcheck: has('shellcheck') }
}

/** Runs a program and gives its output; one that is not there says nothing. */
function run(command: string, args: readonly string[], cwd: string): Promise<string> {
  return new Promise((done) => {
    const child = spawn(command, args, {
      cwd,
      stdio: ['ignore', 'pipe', 'ignore'],
      env: { PATH: process.env['PATH'] ?? '', LC_ALL: 'C' },
    })
    const stop = whenNotHeard(() => child.kill())
    const end = (output: string): void => {
      stop()
      done(output)
    }
    const chunks: Buffer[] = []
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
    child.on('error', () => end(''))
    child.on('close', () => end(Buffer.concat(chunks).toString()))
  })
}
