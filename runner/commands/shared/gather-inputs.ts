import { inputNamed, readInputs } from '../../engine/plan/make-plan.ts'
import type { Inputs } from '../../engine/plan/make-plan.ts'
import { redactText } from '../../engine/process/redact/redact.ts'
import { secretProblem } from '../../engine/process/redact/secret-forms.ts'
import { readInput } from '../../model/values/read-input.ts'
import type { Plan } from '../../model/plan.ts'
import type { Runbook } from '../../model/runbook.ts'
import { CliError } from '../../kit/error.ts'
import { exit } from '../../kit/exit.ts'
import type { Io } from '../../kit/io.ts'
import { namedFile } from '../../kit/named-file.ts'
import { orThrow, problemOf } from '../../model/problem.ts'
import { isReference } from '../../model/secret-reference.ts'
import { loadConfig } from '../../config.ts'

/**
 * Reads `-i name=value` flags; `name=@file` takes the value from a file, `name=@-` from standard input. `isSecret` tells
 * which names are secrets: in the arguments, everyone who lists processes would see them. A reference may be seen.
 */
function parseInputFlags(
  flags: readonly string[],
  isSecret: (name: string) => boolean,
  io: Io,
): Map<string, string> {
  return new Map(
    flags.map((flag) => {
      const equals = flag.indexOf('=')
      if (equals < 1)
        throw new CliError(exit.usage, `Unexpected input \`${flag}\``, 'Write it as -i name=value.')
      const [name, value] = [flag.slice(0, equals), flag.slice(equals + 1)]
      if (value.startsWith('@')) return [name, namedFile(value.slice(1), io).replace(/\r?\n$/, '')]
      if (isSecret(name) && !isReference(value)) throw seenByOthers(name)
      return [name, value]
    }),
  )
}

/** The flags of a runbook that declares its inputs. */
export function inputFlags(runbook: Runbook, flags: readonly string[], io: Io): Map<string, string> {
  const specs = runbook.meta.inputs ?? {}
  return parseInputFlags(flags, (name) => specs[inputNamed(specs, name) ?? '']?.type === 'secret', io)
}

function seenByOthers(name: string): CliError {
  return new CliError(
    exit.usage,
    `The secret \`${name}\` was given as an argument, where others can see it`,
    `Use -i ${name}=@file, -i ${name}=@- for standard input, -i ${name}=secret://…, or the environment variable ${variableOf(name)}.`,
  )
}

/** Reads all inputs; what is missing is asked for on a terminal, and named all at once elsewhere. */
export async function gatherInputs(
  runbook: Runbook,
  flags: readonly string[],
  io: Io,
  prefilled: Readonly<Record<string, string>> = {},
): Promise<Inputs> {
  // Values of an alert never go through the flags, where `@` would read a file.
  const given = new Map([...Object.entries(prefilled), ...inputFlags(runbook, flags, io)])
  const raw = withEnvironment(runbook, given, io)
  let inputs = readInputs(runbook, raw)
  if (inputs.problems.length === 0 && inputs.missing.length > 0 && io.interactive) {
    const { askText } = await import('../../kit/prompt.ts')
    for (const name of inputs.missing) {
      const spec = runbook.meta.inputs?.[name]
      if (!spec) continue
      const message = spec.description ? `${name}: ${spec.description}` : name
      const check = (value: string): string | undefined => problemOf(readInput(spec, value))
      raw.set(name, await askText(message, { check, secret: spec.type === 'secret', options: spec.options }))
    }
    inputs = readInputs(runbook, raw)
  }
  const [problem] = inputs.problems
  if (problem) throw new CliError(exit.usage, problem.message, problem.hint)
  if (inputs.missing.length > 0) {
    const names = inputs.missing.map((name) => `-i ${name}=…`).join(' ')
    throw new CliError(
      exit.usage,
      `Missing input${inputs.missing.length > 1 ? 's' : ''} ${inputs.missing.join(', ')}`,
      `Add ${names}.`,
    )
  }
  const secrets = await valuesOfReferences(inputs.secrets, io)
  refuseShort(secrets)
  return { ...inputs, secrets }
}

/** Secrets, with the value of each reference in its place. */
async function valuesOfReferences(
  secrets: Readonly<Record<string, string>>,
  io: Io,
): Promise<Record<string, string>> {
  if (!Object.values(secrets).some(isReference)) return secrets
  const { root, secrets: file } = await loadConfig(io.cwd, io.env)
  const { resolveReference } = await import('../../engine/secrets/secret-references.ts')
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

/**
 * Secrets are kept nowhere, so they are given again: by flag, by the environment, or at the terminal. The other inputs of a run
 * stay as given.
 */
export async function secretsAgain(
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
    const { askText } = await import('../../kit/prompt.ts')
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
  const values = await valuesOfReferences(Object.fromEntries(again), io)
  refuseShort(values)
  return values
}

/** The environment variable that may give an input. */
function variableOf(name: string): string {
  return `RUNBOOK_INPUT_${name.toUpperCase()}`
}

/** The document and the other inputs are stored unredacted, so they must not contain a secret. */
export function refuseLeaks(plan: Plan, document: Buffer, secrets: Record<string, string>): void {
  for (const [name, value] of Object.entries(secrets)) {
    const holds = (text: string): boolean => redactText(text, [value]) !== text
    const input = Object.keys(plan.inputs).find((other) => holds(plan.inputs[other] ?? ''))
    const where = holds(document.toString('utf8'))
      ? `the document ${plan.file}`
      : input === undefined
        ? undefined
        : `the input \`${input}\``
    if (where === undefined) continue
    throw new CliError(
      exit.usage,
      `The value of the secret \`${name}\` is also in ${where}, which is stored unredacted; nothing ran`,
      input === undefined
        ? 'Take it out, and change the secret; if that is chance, choose a longer one.'
        : `Declare \`${input}\` as a secret too, or leave the secret out of it.`,
    )
  }
}

function withEnvironment(runbook: Runbook, raw: Map<string, string>, io: Io): Map<string, string> {
  for (const name of Object.keys(runbook.meta.inputs ?? {})) {
    const value = io.env[variableOf(name)]
    if (value !== undefined && !raw.has(name)) raw.set(name, value)
  }
  return raw
}
