import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { CliError } from './error.ts'
import { exit } from './exit.ts'
import type { Io } from './io.ts'

/** The text of a file an argument names; `-` is standard input. */
export function namedFile(path: string, io: Io): string {
  try {
    return readFileSync(path === '-' ? process.stdin.fd : resolve(io.cwd, path), 'utf8')
  } catch {
    throw new CliError(
      exit.usage,
      `The file \`${path}\` cannot be read`,
      'Check that it exists and that you may read it.',
    )
  }
}
