import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { readInputs } from '../engine/plan.ts'
import type { Inputs } from '../engine/plan.ts'
import { minSecretBytes } from '../engine/redact.ts'
import { readInput } from '../model/inputs.ts'
import type { Runbook } from '../model/runbook.ts'
import { CliError } from './error.ts'
import { exit } from './exit.ts'
import type { Io } from './io.ts'

/** Reads `-i name=value` flags; `name=@file` takes the value from a file. */
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
    return readFileSync(resolve(io.cwd, path), 'utf8').replace(/\r?\n$/, '')
  } catch {
    throw new CliError(
      exit.usage,
      `The file \`${path}\` cannot be read`,
      'Check that it exists and that you may read it.',
    )
  }
}

/** Reads all inputs; what is missing is asked for on a terminal, and named all at once elsewhere. */
export async function gatherInputs(runbook: Runbook, flags: readonly string[], io: Io): Promise<Inputs> {
  refuseSecretsOnCommandLine(runbook, flags)
  const raw = withSecretsFromEnvironment(runbook, parseInputFlags(flags, io), io)
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
    if (Buffer.byteLength(value) < minSecretBytes) {
      throw new CliError(
        exit.usage,
        `The secret \`${name}\` is shorter than ${minSecretBytes} bytes`,
        'Redacting it would mask ordinary text; use a longer one.',
      )
    }
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
        `Use -i ${name}=@file, or the environment variable RUNBOOK_INPUT_${name.toUpperCase()}.`,
      )
    }
  }
}

function withSecretsFromEnvironment(runbook: Runbook, raw: Map<string, string>, io: Io): Map<string, string> {
  for (const name of Object.keys(runbook.meta.inputs ?? {})) {
    const value = io.env[`RUNBOOK_INPUT_${name.toUpperCase()}`]
    if (value !== undefined && !raw.has(name)) raw.set(name, value)
  }
  return raw
}
