import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { readInputs } from '../engine/plan.ts'
import type { Inputs } from '../engine/plan.ts'
import { redactText } from '../engine/redact.ts'
import { secretProblem } from '../engine/secret-forms.ts'
import { readInput } from '../model/inputs.ts'
import type { Plan } from '../model/plan.ts'
import type { Runbook } from '../model/runbook.ts'
import { CliError } from './error.ts'
import { exit } from './exit.ts'
import type { Io } from './io.ts'

/** Reads `-i name=value` flags; `name=@file` takes the value from a file, `name=@-` from standard input. */
export function parseInputFlags(flags: readonly string[], io: Io): Map<string, string> {
  return new Map(
    flags.map((flag) => {
      const equals = flag.indexOf('=')
      if (equals < 1)
        throw new CliError(exit.usage, `Unexpected input \`${flag}\``, 'Write it as -i name=value.')
      const value = flag.slice(equals + 1)
      return [flag.slice(0, equals), value.startsWith('@') ? fromFile(value.slice(1), io) : value]
    }),
  )
}

function fromFile(path: string, io: Io): string {
  try {
    return readFileSync(path === '-' ? process.stdin.fd : resolve(io.cwd, path), 'utf8').replace(/\r?\n$/, '')
  } catch {
    throw new CliError(
      exit.usage,
      `The file \`${path}\` cannot be read`,
      'Check that it exists and that you may read it.',
    )
  }
}

/** Reads all inputs; what is missing is asked for on a terminal, and named all at once elsewhere. */
export async function gatherInputs(
  runbook: Runbook,
  flags: readonly string[],
  io: Io,
  prefilled: Readonly<Record<string, string>> = {},
): Promise<Inputs> {
  refuseSecretsOnCommandLine(runbook, flags)
  // What an alert says never goes through the flags, where `@` would read a file.
  const given = new Map([...Object.entries(prefilled), ...parseInputFlags(flags, io)])
  const raw = withSecretsFromEnvironment(runbook, given, io)
  let inputs = readInputs(runbook, raw)
  if (inputs.problems.length === 0 && inputs.missing.length > 0 && io.interactive) {
    const { askText } = await import('./prompt.ts')
    for (const name of inputs.missing) {
      const spec = runbook.meta.inputs?.[name]
      if (!spec) continue
      const message = spec.description ? `${name}: ${spec.description}` : name
      const check = (value: string): string | undefined => {
        const read = readInput(spec, value)
        return 'problem' in read ? read.problem : undefined
      }
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
  for (const [name, value] of Object.entries(inputs.secrets)) {
    const why = secretProblem(value)
    if (why) throw new CliError(exit.usage, `The secret \`${name}\` ${why}`, 'Use a longer one.')
  }
  return inputs
}

/** A secret in the arguments would be seen by everyone who lists processes. */
function refuseSecretsOnCommandLine(runbook: Runbook, flags: readonly string[]): void {
  for (const flag of flags) {
    const [name = '', ...value] = flag.split('=')
    if (runbook.meta.inputs?.[name]?.type === 'secret' && !value.join('=').startsWith('@')) {
      throw new CliError(
        exit.usage,
        `The secret \`${name}\` was given as an argument, where others can see it`,
        `Use -i ${name}=@file, -i ${name}=@- for standard input, or the environment variable RUNBOOK_INPUT_${name.toUpperCase()}.`,
      )
    }
  }
}

/** What is written down whole, the document and the other inputs, must not hold a secret: it could not be redacted. */
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
      `The value of the secret \`${name}\` stands in ${where}, which is kept as it is; nothing was run`,
      input === undefined
        ? 'Take it out, and change the secret; if that is chance, choose a longer one.'
        : `Declare \`${input}\` as a secret too, or leave the secret out of it.`,
    )
  }
}

function withSecretsFromEnvironment(runbook: Runbook, raw: Map<string, string>, io: Io): Map<string, string> {
  for (const name of Object.keys(runbook.meta.inputs ?? {})) {
    const value = io.env[`RUNBOOK_INPUT_${name.toUpperCase()}`]
    if (value !== undefined && !raw.has(name)) raw.set(name, value)
  }
  return raw
}
