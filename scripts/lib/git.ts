import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { CliError } from '../../runner/kit/error.ts'
import { exit } from '../../runner/kit/exit.ts'
import { codeOf, messageOf } from './errors.ts'

const run = promisify(execFile)
const MAX_BYTES = 64 * 1024 * 1024

/**
 * Runs git in a repository and returns its standard output without the last line break.
 * @throws {CliError} when git is missing or exits with another code than 0
 */
export async function git(
  repository: string,
  args: readonly string[],
  extraEnv: Record<string, string> = {},
): Promise<string> {
  return (await gitBytes(repository, args, extraEnv)).toString('utf8').replace(/\n$/, '')
}

/** As {@link git}, with the bytes as they are. */
export async function gitBytes(
  repository: string,
  args: readonly string[],
  extraEnv: Record<string, string> = {},
): Promise<Buffer> {
  try {
    const { stdout } = await run('git', ['-C', repository, ...args], {
      encoding: 'buffer',
      env: { ...plainEnv(), ...extraEnv },
      maxBuffer: MAX_BYTES,
    })
    return stdout
  } catch (error) {
    if (codeOf(error) === 'ENOENT')
      throw new CliError(
        exit.failed,
        'git could not be started: the command git is not installed or not in PATH',
        'Install git.',
      )
    throw new CliError(
      exit.failed,
      `git ${args.find((word) => !word.startsWith('-')) ?? ''} failed in ${repository}: ${stderrOf(error)}`,
      'Check the repository; the line above is git’s own.',
    )
  }
}

// Inside a git hook these point at the outer repository and would win over -C.
function plainEnv(): NodeJS.ProcessEnv {
  const entries = Object.entries(process.env).filter(
    ([name]) => !/^GIT_(DIR|WORK_TREE|INDEX_FILE|COMMON_DIR|PREFIX|OBJECT_DIRECTORY)$/.test(name),
  )
  return { ...Object.fromEntries(entries), LC_ALL: 'C' }
}

function stderrOf(error: unknown): string {
  const stderr = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : ''
  return stderr.split('\n')[0] || messageOf(error)
}
