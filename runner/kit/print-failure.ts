import { isProblemError } from '../model/problem.ts'
import type { Problem } from '../model/problem.ts'
import type { Program } from './command.ts'
import { systemWords } from './error.ts'
import { exit } from './exit.ts'
import { asCalled, printable } from './io.ts'
import type { Io } from './io.ts'
import { version } from './version.ts'

/**
 * Prints what became of a call that threw, on standard error, and with --json as a document too: a failure of the world
 * in a sentence with what to do, a fault of the program with its trace. Returns the exit code.
 */
export function printFailure(error: unknown, program: Program, io: Io): number {
  const { problem, exitCode } = problemOf(error)
  if (!problem) {
    io.say(bug(error, program))
    return exitCode
  }
  if (io.json) io.out(JSON.stringify({ ok: false, error: problem.message, ...rest(problem) }))
  io.say(problemText(problem, io))
  return exitCode
}

/** A problem as a person reads it. */
function problemText({ message, hint, place }: Problem, io: Io): string {
  const where = place ? `${place.file}:${place.line}:${place.column}: ` : ''
  const lines = [`${io.style('red', 'error:')} ${printable(`${where}${message}`)}`]
  if (hint !== undefined) lines.push(`  hint: ${printable(asCalled(hint, io))}`)
  return lines.join('\n')
}

function rest({ hint, code, place }: Problem): Omit<Problem, 'message'> {
  return { ...(hint && { hint }), ...(code && { code }), ...(place && { place }) }
}

/** The problem in anything thrown: undefined when it is a fault of the program. */
function problemOf(error: unknown): { problem?: Problem; exitCode: number } {
  if (isProblemError(error)) return { problem: error.problem, exitCode: error.exitCode }
  const { code, syscall, path, message } = error as NodeJS.ErrnoException
  if (code === 'ERR_SQLITE_ERROR')
    return {
      problem: {
        message: `The lock or the index of runs cannot be written: ${message}`,
        hint: 'Make room on the disk; then `runbook runs` shows what can be resumed.',
      },
      exitCode: exit.failed,
    }
  if (code !== undefined && syscall !== undefined)
    return {
      problem: {
        message: `${[syscall, path].join(' ').trim()} failed: ${systemWords(error as Error)}`,
        hint: 'Nothing further was done. Fix the cause; then `runbook runs` shows what can be resumed.',
      },
      exitCode: exit.failed,
    }
  return { exitCode: exit.internal }
}

function bug(error: unknown, program: Program): string {
  const stack = error instanceof Error ? error.stack : String(error)
  return [
    `This is a bug in ${program.name}, not in your runbook.`,
    '',
    stack ?? '',
    '',
    `runbook ${version}, node ${process.version}, ${process.platform} ${process.arch}`,
    'Please report it with the lines above. Resume an interrupted run with `runbook resume last`.',
  ].join('\n')
}
