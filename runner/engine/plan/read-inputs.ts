import type { Runbook } from '../../model/runbook.ts'
import { suggest } from '../../model/suggest.ts'
import { compilerFor, isRequired, readGiven } from '../../model/values/read-input.ts'
import type { InputSpec } from '../../model/values/input-types.ts'

/** Something about the inputs or the values they lead to that stops the plan. */
export interface PlanProblem {
  message: string
  hint: string
}

export interface Inputs {
  values: Record<string, string>
  /** Never part of the plan, never written to a disk. */
  secrets: Record<string, string>
  /** Names of required inputs nobody has given yet. */
  missing: string[]
  problems: PlanProblem[]
}

/**
 * Reads raw values, by name or alias, against the runbook's declarations, and fills in defaults. An optional input
 * that is not given is the empty text, whatever its type.
 */
export async function readInputs(runbook: Runbook, raw: ReadonlyMap<string, string>): Promise<Inputs> {
  const specs = Object.entries(runbook.meta.inputs ?? {})
  const inputs: Inputs = { values: {}, secrets: {}, missing: [], problems: [] }
  const given = new Map<string, string>()
  for (const [key, value] of raw) {
    const name = inputNamed(runbook.meta.inputs ?? {}, key)
    if (name === undefined)
      inputs.problems.push(
        unknownInput(
          key,
          specs.map(([input]) => input),
        ),
      )
    else given.set(name, value)
  }
  const compile = await compilerFor(specs.map(([, spec]) => spec))
  for (const [name, spec] of specs) {
    const read = readGiven(spec, given.get(name), compile)
    if (read === undefined) {
      inputs.missing.push(name)
    } else if (!read.ok) {
      inputs.problems.push({
        message: `Input \`${name}\`: ${read.problem.message}`,
        hint: `Give another with -i ${name}=….`,
      })
    } else if (spec.type === 'secret' && !(read.value === '' && !isRequired(spec))) {
      inputs.secrets[name] = read.value
    } else {
      inputs.values[name] = read.value
    }
  }
  return inputs
}

/** The input a name or an alias stands for. */
export function inputNamed(specs: Readonly<Record<string, InputSpec>>, word: string): string | undefined {
  return Object.entries(specs).find(([name, { aliases }]) => name === word || aliases?.includes(word))?.[0]
}

function unknownInput(name: string, names: readonly string[]): PlanProblem {
  const near = suggest(name, names)
  const list = names.length > 0 ? `The inputs are ${names.join(', ')}.` : 'This runbook has no inputs.'
  return { message: `Unexpected input \`${name}\``, hint: near ? `Did you mean \`${near}\`?` : list }
}

/** The refusal of a call that gives no value for required inputs; undefined where none is missing. */
export function missingInputs(names: readonly string[]): PlanProblem | undefined {
  if (names.length === 0) return undefined
  return {
    message: `Missing input${names.length > 1 ? 's' : ''} ${names.join(', ')}`,
    hint: `Add ${names.map((name) => `-i ${name}=…`).join(' ')}.`,
  }
}
