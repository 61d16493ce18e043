import { execFile } from 'node:child_process'
import { CliError } from '../../runner/kit/error.ts'
import { exit } from '../../runner/kit/exit.ts'
import { whenNotHeard } from '../../runner/when-interrupted.ts'
import { codeOf } from './errors.ts'
import { findProgram, foldersOfPath } from './find-program.ts'
import { lastLine } from '../../runner/model/last-line.ts'

/** The packages that have a program, where its own name does not say it. */
const PACKAGES: Readonly<Record<string, string>> = {
  wixl: 'msitools (Debian: wixl)',
  makensis: 'nsis',
  rpmbuild: 'rpm',
  'dpkg-deb': 'dpkg',
  kubectl: 'kubectl (Debian: kubernetes-client)',
}

/** The output of a program, and its exit code; null when a signal or its time ended it. */
export interface Ended {
  code: number | null
  stdout: string
  stderr: string
}

interface How {
  cwd?: string
  env?: Readonly<Record<string, string>>
  /** Milliseconds; default ten minutes. */
  limitMs?: number
  /** Standard input. */
  input?: string
}

const LIMIT_MS = 600_000
const MAX_BYTES = 64 * 1024 * 1024

/** Whether a program is in PATH. */
export function isInstalled(name: string, env: Readonly<Record<string, string | undefined>>): boolean {
  return findProgram([name], foldersOfPath(env)) !== undefined
}

/** How to install a program, as a sentence. */
export function installHint(name: string): string {
  return `Install ${PACKAGES[name] ?? name}.`
}

/** Runs a program to its end. @throws {CliError} when it cannot be started */
export async function endOf(name: string, args: readonly string[], how: How = {}): Promise<Ended> {
  const { cwd, env = {}, limitMs = LIMIT_MS } = how
  return await new Promise((resolve, reject) => {
    const options = {
      env: { ...process.env, LC_ALL: 'C', ...env },
      maxBuffer: MAX_BYTES,
      timeout: limitMs,
      ...(cwd === undefined ? {} : { cwd }),
    }
    const child = execFile(name, args, options, (error, stdout, stderr) => {
      end()
      if (codeOf(error) === 'ENOENT')
        return reject(new CliError(exit.failed, `${name} is not installed or not in PATH`, installHint(name)))
      return resolve({ code: error === null ? 0 : child.exitCode, stdout, stderr })
    })
    const end = whenNotHeard(() => child.kill('SIGKILL'))
    // A program that ends without reading it has said why.
    child.stdin?.on('error', () => {})
    child.stdin?.end(how.input)
  })
}

/** Runs a program that must end with 0. @returns its standard output @throws {CliError} with the last line it printed */
export async function runTool(name: string, args: readonly string[], how: How = {}): Promise<string> {
  const started = performance.now()
  const { code, stdout, stderr } = await endOf(name, args, how)
  if (code === 0) return stdout
  const said = lastLine(stderr, stdout)
  const { limitMs = LIMIT_MS } = how
  const isLate = code === null && performance.now() - started >= limitMs
  const end = isLate ? `took longer than ${limitMs / 1000} s` : `ended with ${code ?? 'a signal'}`
  throw new CliError(
    exit.failed,
    `${name} ${end}: ${said || 'it printed nothing'}`,
    'The line above is its own.',
  )
}
