import { secretProblem } from '../../../engine/process/redact/secret-forms.ts'
import { loadConfig } from '../../../config.ts'
import { CliError } from '../../../kit/error.ts'
import { exit } from '../../../kit/exit.ts'
import type { Io } from '../../../kit/io.ts'
import type { Plan } from '../../../model/plan.ts'
import { orThrow } from '../../../model/problem.ts'
import { isReference } from '../../../model/secret-reference.ts'
import { parseInputFlags, variableOf } from './input-flags.ts'

/**
 * Secrets are kept nowhere, so they are given again: by flag, by the environment, or at the terminal. The other inputs of a run
 * stay as given.
 */
export async function gatherSecrets(
  { secrets, slug }: Plan,
  flags: readonly string[],
  io: Io,
): Promise<Record<string, string>> {
  const given = parseInputFlags(flags, (name) => secrets.includes(name), io)
  const stray = [...given.keys()].find((name) => !secrets.includes(name))
  if (stray !== undefined)
    throw new CliError(
      exit.usage,
      `Unexpected input \`${stray}\`, a run keeps the inputs it was started with`,
      secrets.length > 0
        ? `Only its secrets are given again: ${secrets.join(', ')}.`
        : `Start another run with \`runbook exec ${slug}\`.`,
    )
  const again = new Map<string, string>()
  for (const name of secrets) {
    const value = given.get(name) ?? io.env[variableOf(name)]
    if (value !== undefined) again.set(name, value)
  }
  const missing = secrets.filter((name) => !again.has(name))
  if (missing.length > 0 && io.interactive) {
    const { askText } = await import('../../../kit/prompt.ts')
    const check = (value: string): string | undefined => {
      const problem = secretProblem(value)
      return problem === undefined ? undefined : `The secret ${problem}`
    }
    for (const name of missing)
      again.set(name, await askText(`${name}: a secret of this run`, { check, secret: true }))
  } else if (missing.length > 0)
    throw new CliError(
      exit.usage,
      `The secret${missing.length > 1 ? 's' : ''} ${missing.join(', ')} must be given again: secrets are never stored`,
      `Add ${missing.map((name) => `-i ${name}=@file`).join(' ')}.`,
    )
  return readSecrets(Object.fromEntries(again), io)
}

/** Secrets with the value of each reference in its place. @throws {CliError} for one that is too short to be hidden */
export async function readSecrets(
  secrets: Readonly<Record<string, string>>,
  io: Io,
): Promise<Record<string, string>> {
  const values = await valuesOfReferences(secrets, io)
  refuseShort(values)
  return values
}

async function valuesOfReferences(
  secrets: Readonly<Record<string, string>>,
  io: Io,
): Promise<Record<string, string>> {
  if (!Object.values(secrets).some(isReference)) return secrets
  const { root, secrets: file } = await loadConfig(io.cwd, io.env)
  const { resolveReference } = await import('../../../engine/secrets/secret-references.ts')
  const values: Record<string, string> = {}
  for (const [name, value] of Object.entries(secrets))
    values[name] = isReference(value)
      ? orThrow(await resolveReference(value, { file, root, env: io.env }), exit.usage)
      : value
  return values
}

function refuseShort(secrets: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(secrets)) {
    const why = secretProblem(value)
    if (why) throw new CliError(exit.usage, `The secret \`${name}\` ${why}`, 'Use a longer one.')
  }
}
