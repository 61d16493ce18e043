import { type ChildProcess, spawn } from 'node:child_process'
import { createWriteStream } from 'node:fs'
import { join } from 'node:path'
import { CliError } from '../../../runner/kit/error.ts'
import { exit } from '../../../runner/kit/exit.ts'
import { findProgram, foldersOfPath } from '../../lib/find-program.ts'
import { waitFor } from '../../lib/wait.ts'

/** A server of the system's packages, run by the lab with its own files. */
export interface Component {
  name: string
  child: ChildProcess
  /** How it ended, or undefined while it runs. */
  ended(): string | undefined
  /** The failure to report when it did not come up: its last words. */
  failure(): CliError
  stop(): Promise<void>
}

/** The installed programs, by name. */
const PACKAGES: Record<string, string> = {
  haproxy: 'haproxy',
  prometheus: 'prometheus',
  'redis-server': 'redis-server',
  'prometheus-alertmanager': 'prometheus-alertmanager',
  setpriv: 'util-linux',
}

const STOP_MS = 5000
// Servers live in sbin, which the PATH of people does not always have.
const SBIN = ['/usr/local/sbin', '/usr/sbin', '/sbin']

/** The path of a program. @throws {CliError} naming the package that has it */
function programPath(name: string): string {
  const path = findProgram([name], [...foldersOfPath(), ...SBIN])
  if (path !== undefined) return path
  throw new CliError(
    exit.failed,
    `${name} is not installed: it is in none of the folders of PATH, nor in ${SBIN.join(', ')}`,
    `Install it (Debian, Ubuntu: apt-get install ${PACKAGES[name] ?? name}), or start the lab without it.`,
  )
}

/**
 * Starts a server in the foreground; its output goes to `<folder>/<name>.log`. It ends with the lab, even when the lab
 * is killed: the kernel tells it (`setpriv --pdeathsig`).
 */
export function startComponent(
  name: string,
  args: readonly string[],
  folder: string,
  log: (line: string) => void,
  program = programPath(name),
): Component {
  const keeper = programPath('setpriv')
  const output = createWriteStream(join(folder, `${name}.log`))
  const last: string[] = []
  const child = spawn(keeper, ['--pdeathsig', 'TERM', program, ...args], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let how: string | undefined
  let stopping = false
  for (const stream of [child.stdout, child.stderr]) {
    stream.pipe(output, { end: false })
    stream.on('data', (chunk: Buffer) => last.push(...chunk.toString().trim().split('\n').slice(-3)))
  }
  child.once('error', (error) => (how = error.message))
  child.once('exit', (code, signal) => {
    how = signal === null ? `exit code ${code}` : `signal ${signal}`
    if (!stopping) log(`${name} ended unexpectedly: ${how}`)
    output.end()
  })
  return {
    name,
    child,
    ended: () => how,
    failure: () =>
      new CliError(
        exit.failed,
        `${name} did not come up: ${[how ?? 'it gave no answer', ...last.slice(-3)].join(' ')}`,
        `Look at ${join(folder, `${name}.log`)}.`,
      ),
    async stop() {
      stopping = true
      child.kill('SIGTERM')
      const gone = await waitFor(() => how, STOP_MS, 20)
      if (gone === undefined) child.kill('SIGKILL')
      await waitFor(() => how, STOP_MS, 20)
    },
  }
}
