import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { failure, success } from '../../model/problem.ts'
import type { Outcome } from '../../model/problem.ts'
import type { SecretSource } from '../../model/secret-list.ts'

/** Longest time for a program that prints a secret: a person may have to unlock a key. */
const limitMs = 60_000

/**
 * Reads the value behind a reference. A final line break is not part of it. The value goes through a pipe, never through
 * arguments or files; a problem names the source, and neither the value nor the output of a program.
 */
export async function readSecret(
  reference: string,
  source: SecretSource,
  root: string,
  env: Record<string, string | undefined>,
): Promise<Outcome<string>> {
  const read = await textOf(source, root, env)
  if (!read.ok) {
    const { message, hint } = read.problem
    return failure(
      `The secret \`${reference}\` cannot be read: ${message}`,
      hint === undefined ? {} : { hint },
    )
  }
  const value = read.value.replace(/\r?\n$/, '')
  return value === ''
    ? failure(`The secret \`${reference}\` cannot be read: its value is empty`, {
        hint: 'Set it at its source.',
      })
    : success(value)
}

async function textOf(
  source: SecretSource,
  root: string,
  env: Record<string, string | undefined>,
): Promise<Outcome<string>> {
  switch (source.type) {
    case 'env': {
      const value = env[source.name] ?? ''
      return value === ''
        ? failure(`the environment variable ${source.name} is not set`, { hint: `Set ${source.name}.` })
        : success(value)
    }
    case 'file':
      try {
        return success(readFileSync(resolve(root, source.path), 'utf8'))
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException
        return failure(`the file ${source.path} gives ${code}`, {
          hint: `Create ${source.path}, readable for you alone.`,
        })
      }
    case 'pass': {
      const printed = await printedBy(['pass', 'show', '--', source.entry], root, env)
      return printed.ok ? success(printed.value.split('\n')[0] ?? '') : printed
    }
    case 'age':
      return await printedBy(
        ['age', '--decrypt', '--identity', resolve(root, source.identity), resolve(root, source.path)],
        root,
        env,
      )
    case 'command':
      return await printedBy(source.argv, root, env)
    default:
      return source satisfies never
  }
}

/** Standard output of a program. Its standard error may contain anything, and is not shown. */
async function printedBy(
  [program = '', ...args]: readonly string[],
  root: string,
  env: Record<string, string | undefined>,
): Promise<Outcome<string>> {
  const { execa } = await import('execa')
  const ran = await execa(program, args, {
    cwd: root,
    env,
    extendEnv: false,
    reject: false,
    timeout: limitMs,
    stdin: 'ignore',
    stderr: 'ignore',
    stripFinalNewline: false,
  })
  if (ran.exitCode === 0) return success(ran.stdout)
  if (ran.code === 'ENOENT')
    return failure(`${program} is not installed`, { hint: `Install ${program}, or add its folder to PATH.` })
  const how = ran.timedOut
    ? `gave no answer within ${limitMs / 1000} s`
    : `ended with ${ran.exitCode ?? ran.signal}`
  return failure(`\`${program}\` ${how}`, {
    hint: `Run \`${[program, ...args].join(' ')}\` yourself to see why.`,
  })
}
