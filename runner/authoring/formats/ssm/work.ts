import type { InputSpec } from '../../../model/values/input-types.ts'
import type { ImportNote } from '../draft.ts'
import { DraftNames } from '../draft-names.ts'
import type { SourceTree } from '../source-tree.ts'
import type { SsmFlow } from './ssm-flow.ts'
import type { ResolveSsm, SsmVariable } from './ssm-values.ts'

export type Path = readonly (number | string)[]

export interface Work {
  tree: SourceTree
  names: DraftNames
  notes: ImportNote[]
  inputs: Record<string, InputSpec>
  variables: Map<string, SsmVariable>
  steps: readonly Record<string, unknown>[]
  flow: readonly SsmFlow[]
  /** The output of each branch that a step was made for, by the name of the branch. */
  branches: Map<string, string>
}

export function note({ tree, notes }: Work, path: Path, message: string): void {
  notes.push({ line: tree.lineOf(path), message })
}

/** The variable of a reference: a parameter, an output that an earlier step writes, or an input that a person gives. */
export function resolver(work: Work, path: Path): ResolveSsm {
  return (reference) => {
    const existing = work.variables.get(reference)
    if (existing) return existing
    const line = work.tree.lineOf(path)
    const name = addInput(work, reference, {
      type: 'string',
      description: `The value of ${reference} in the source.`,
    })
    work.notes.push({
      line,
      message: `\`${reference}\` is not an output of a converted step and became the input \`${name}\``,
    })
    const variable: SsmVariable = { name, shape: 'text' }
    work.variables.set(reference, variable)
    return variable
  }
}

/** `stopInstances` is `Stop instances`. */
export function titleOf(name: string): string {
  const words = name
    .replaceAll(/([a-z0-9])([A-Z]+)/g, (_, before: string, after: string) =>
      after.length === 1 ? `${before} ${after.toLowerCase()}` : `${before} ${after}`,
    )
    .replaceAll(/[_-]+/g, ' ')
    .trim()
  return words.charAt(0).toUpperCase() + words.slice(1)
}

export function addInput({ names, inputs }: Work, name: string, spec: InputSpec): string {
  const own = names.variable(name)
  inputs[own] = own === name ? spec : { ...spec, aliases: [name] }
  return own
}
