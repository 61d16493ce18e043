import { execFile, spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
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
    throw failure(repository, args.find((word) => !word.startsWith('-')) ?? '', stderrOf(error))
  }
}

/**
 * The contents of objects, in the order of their ids, from one process: to start one takes ten times as long as to read a file.
 * @throws {CliError} when git does not have one of them
 */
export async function* contentsOf(repository: string, ids: readonly string[]): AsyncGenerator<Buffer, void> {
  const child = spawn('git', ['-C', repository, 'cat-file', '--batch'], { env: plainEnv() })
  const said = text(child.stderr).catch(messageOf)
  child.on('error', () => {})
  child.stdin.on('error', () => {})
  child.stdin.end(ids.map((id) => `${id}\n`).join(''))
  const chunks = child.stdout.iterator() as AsyncIterator<Buffer>
  const next = async (): Promise<Buffer> => {
    const { value, done } = await chunks.next()
    if (done === true) throw failure(repository, 'cat-file', (await said) || 'it ended early')
    return value
  }
  try {
    let rest: Buffer = Buffer.alloc(0)
    for (let left = ids.length; left > 0; left--) {
      while (!rest.includes('\n')) rest = Buffer.concat([rest, await next()])
      // `<id> <type> <size>`, or `<id> missing`.
      const header = rest.subarray(0, rest.indexOf('\n')).toString('utf8')
      const size = Number(header.split(' ')[2] ?? Number.NaN)
      if (Number.isNaN(size)) throw failure(repository, 'cat-file', header)
      const parts = [rest.subarray(header.length + 1)]
      let length = rest.length - header.length - 1
      // A line break ends the content.
      while (length <= size) {
        const part = await next()
        parts.push(part)
        length += part.length
      }
      const whole = parts.length === 1 && parts[0] ? parts[0] : Buffer.concat(parts)
      yield whole.subarray(0, size)
      rest = whole.subarray(size + 1)
    }
  } finally {
    child.kill()
  }
}

function failure(repository: string, command: string, said: string): CliError {
  return new CliError(
    exit.failed,
    `git ${command} failed in ${repository}: ${said}`,
    'Check the repository; the line above is git’s own.',
  )
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
