import { relative } from 'node:path'
import type { Problem } from '../../model/problem.ts'

/** An error of Astro: some have a place and a hint. */
interface SiteError {
  message: string
  hint?: string
  loc?: { file?: string; line?: number; column?: number }
}

/** The one message about a build that failed: its place as in `check`, and a hint where the message has none. */
export function buildProblem({ message, hint, loc }: SiteError, cwd: string): Problem {
  const { file, line, column } = loc ?? {}
  const numbers = line === undefined ? '' : `:${line}${column === undefined ? '' : `:${column}`}`
  const place = file === undefined ? '' : `${relative(cwd, file)}${numbers}: `
  const isHinted = /^ {2}hint: /m.test(message)
  return {
    message: `${place}${message}`,
    ...(isHinted ? {} : { hint: hint ?? 'Correct it, and call this again.' }),
  }
}
