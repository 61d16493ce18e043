import { missingInputs, readInputs } from '../../../engine/plan/read-inputs.ts'
import type { Inputs } from '../../../engine/plan/read-inputs.ts'
import { isOfPlaceholder } from '../../../model/steps/placeholder-inputs.ts'
import { compilerFor, readInput } from '../../../model/values/read-input.ts'
import type { Runbook } from '../../../model/runbook.ts'
import { CliError } from '../../../kit/error.ts'
import { exit } from '../../../kit/exit.ts'
import { printable } from '../../../kit/io.ts'
import type { Io } from '../../../kit/io.ts'
import { problemOf } from '../../../model/problem.ts'
import { readSecrets } from './gather-secrets.ts'
import { inputFlags, variableOf } from './input-flags.ts'

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
  let inputs = await readInputs(runbook, raw)
  if (inputs.problems.length === 0 && inputs.missing.length > 0 && io.interactive) {
    const { askText } = await import('../../../kit/prompt.ts')
    for (const name of inputs.missing) {
      const spec = runbook.meta.inputs?.[name]
      if (!spec) continue
      const message = spec.description ? `${name}: ${spec.description}` : name
      const compile = await compilerFor([spec])
      const check = (value: string): string | undefined => problemOf(readInput(spec, value, compile))
      raw.set(name, await askText(message, { check, secret: spec.type === 'secret', options: spec.options }))
    }
    inputs = await readInputs(runbook, raw)
  }
  const [problem] = inputs.problems
  if (problem) throw new CliError(exit.usage, problem.message, problem.hint)
  const missing = missingInputs(inputs.missing)
  if (missing) throw new CliError(exit.usage, missing.message, missing.hint)
  noteOpenPlaceholders(runbook, inputs, io)
  return { ...inputs, secrets: await readSecrets(inputs.secrets, io) }
}

/** The name of such an input may be a checksum: its description has the words of the document. */
function noteOpenPlaceholders({ meta }: Runbook, { values }: Inputs, io: Io): void {
  for (const [name, spec] of Object.entries(meta.inputs ?? {}))
    if (isOfPlaceholder(spec) && values[name] === '')
      io.note(
        `No value for \`${name}\`. ${printable(spec.description ?? '')} Add \`-i ${name}=…\`: a step that uses it fails.`,
      )
}

function withEnvironment(runbook: Runbook, raw: Map<string, string>, io: Io): Map<string, string> {
  for (const name of Object.keys(runbook.meta.inputs ?? {})) {
    const value = io.env[variableOf(name)]
    if (value !== undefined && !raw.has(name)) raw.set(name, value)
  }
  return raw
}
