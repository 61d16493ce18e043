import { spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { scratchFolder } from '../../scratch-folder.ts'
import { whenInterrupted } from '../../when-interrupted.ts'

/** Files per call: a command line has a limit. */
const batch = 100
/** The longest that one call may take, in milliseconds. */
const limitMs = 60_000

/**
 * What `promtool check rules` prints about files, or undefined when it is not installed. Both of its streams go into one
 * file, because it names the file on one and what is wrong on the other.
 */
export async function promtoolOutput(
  files: readonly string[],
  cwd: string,
  env: Record<string, string | undefined>,
): Promise<string | undefined> {
  using scratch = scratchFolder('promtool')
  const folder = scratch.path
  const path = join(folder, 'output')
  const output = openSync(path, 'a', 0o600)
  try {
    for (let from = 0; from < files.length; from += batch) {
      const args = ['check', 'rules', '--', ...files.slice(from, from + batch)]
      if (!(await started(args, cwd, env['PATH'] ?? '', output))) return undefined
    }
    return readFileSync(path, 'utf8')
  } finally {
    closeSync(output)
  }
}

/** Whether the program could be started; resolves when it has ended. */
function started(args: string[], cwd: string, PATH: string, output: number): Promise<boolean> {
  const child = spawn('promtool', args, {
    cwd,
    env: { PATH },
    stdio: ['ignore', output, output],
  })
  const end = whenInterrupted(() => child.kill())
  // The timer of `spawn` runs on when there is no such program, and the call with it.
  const late = setTimeout(() => child.kill(), limitMs)
  return new Promise<boolean>((resolve) => {
    child.once('error', () => resolve(false))
    child.once('exit', () => resolve(true))
  }).finally(() => {
    clearTimeout(late)
    end()
  })
}
