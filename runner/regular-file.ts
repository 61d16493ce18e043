import { closeSync, constants, fstatSync, openSync, readFileSync, readSync } from 'node:fs'
import { ProblemError, failure, success } from './model/problem.ts'
import type { Outcome } from './model/problem.ts'
import { endedBySignals } from './when-interrupted.ts'

/**
 * The one reader of short files that the program finds by itself. Anything may lie at their path: a pipe is not waited for, and
 * a device or a folder is not read.
 */

/** Longest file that is read, in bytes. */
const mostBytes = 64 * 1024 * 1024

/** A descriptor that the caller hands over, such as `<(…)` of a shell: it is read to its end, also when it is a pipe. */
const handedOver = /^\/dev\/(stdin|fd\/\d+)$/

interface Limits {
  /** Longest file, in bytes. Default: 64 MiB. */
  most?: number
  /** Whether a link is followed. Default: true. */
  follow?: boolean
}

/**
 * The bytes of a regular file; undefined where the path does not exist. The message of a problem goes on after the name of the
 * file.
 */
export function regularFile(
  path: string,
  { most = mostBytes, follow = true }: Limits = {},
): Outcome<Buffer | undefined> {
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants
  let file: number | undefined
  try {
    if (handedOver.test(path)) return success(endedBySignals(() => readFileSync(path)))
    file = openSync(path, O_RDONLY | (O_NONBLOCK ?? 0) | (follow ? 0 : (O_NOFOLLOW ?? 0)))
    const stats = fstatSync(file)
    if (!stats.isFile()) return failure('is not a regular file')
    if (stats.size > most) return failure(`has ${stats.size} bytes, more than the ${most} allowed`)
    return success(stats.size === 0 ? readUnsized(file) : readFileSync(file))
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === undefined) throw error
    if (code === 'ENOENT') return success(undefined)
    return failure(code === 'ELOOP' && !follow ? 'is not a regular file' : `cannot be read: ${code}`)
  } finally {
    if (file !== undefined) closeSync(file)
  }
}

/** The bytes of an open file that says it is empty: most are, and one of the kernel only does not know its size. */
function readUnsized(file: number): Buffer {
  const first = Buffer.alloc(1)
  return readSync(file, first) === 0 ? Buffer.alloc(0) : Buffer.concat([first, readFileSync(file)])
}

/** As `regularFile`, for a file that must exist. */
export function existingFile(path: string): Outcome<Buffer> {
  const read = regularFile(path)
  if (!read.ok) return read
  return read.value ? success(read.value) : failure('does not exist')
}

/** As `existingFile`, for a file without which the call ends. @throws {ProblemError} naming the path; exit 2 */
export function bytesOf(path: string): Buffer {
  const read = existingFile(path)
  if (read.ok) return read.value
  throw new ProblemError(
    {
      message: `\`${path}\` ${read.problem.message}`,
      hint: `Put a regular file of at most ${mostBytes / 1024 ** 2} MiB there that you may read.`,
    },
    2,
  )
}

/** As `bytesOf`, as text. @throws {ProblemError} */
export function textOf(path: string): string {
  return bytesOf(path).toString('utf8')
}
