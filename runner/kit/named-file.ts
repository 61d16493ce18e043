import { closeSync, openSync, readSync } from 'node:fs'
import { resolve } from 'node:path'
import { endedBySignals } from '../when-interrupted.ts'
import { CliError } from './error.ts'
import { exit } from './exit.ts'
import type { Io } from './io.ts'

/** Longest text that is read, in bytes: a device may have no end. */
const mostBytes = 64 * 1024 * 1024

/** The text of a file an argument names; `-` is standard input. A pipe is read to its end, and a signal ends the wait. */
export function namedFile(
  path: string,
  io: Io,
  hint = 'Check that it exists and that you may read it.',
): string {
  try {
    return endedBySignals(() => readToEnd(path === '-' ? process.stdin.fd : resolve(io.cwd, path)))
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    throw new CliError(exit.usage, `The file \`${path}\` cannot be read: ${code ?? message}`, hint)
  }
}

function readToEnd(file: string | number): string {
  const open = typeof file === 'number' ? file : openSync(file, 'r')
  try {
    const parts: Buffer[] = []
    const part = Buffer.allocUnsafe(64 * 1024)
    let length = 0
    for (let read = readSync(open, part); read > 0; read = readSync(open, part)) {
      length += read
      if (length > mostBytes) throw new Error(`it has more than ${mostBytes} bytes`)
      parts.push(Buffer.from(part.subarray(0, read)))
    }
    return Buffer.concat(parts).toString('utf8')
  } finally {
    if (open !== file) closeSync(open)
  }
}
