import { stringify } from 'yaml'
import { isRecord } from '../../../model/values/json.ts'
import type { ImportNote } from '../draft.ts'
import { DraftNames } from '../draft-names.ts'
import { githubTemplate } from './expressions.ts'
import type { Expressions } from './expressions.ts'
import type { SourceTree } from '../source-tree.ts'
import { textOfValue } from '../source-tree.ts'

export type Fields = Readonly<Record<string, unknown>>

export type Path = readonly (number | string)[]

export interface Work {
  tree: SourceTree
  names: DraftNames
  notes: ImportNote[]
  expressions: Expressions
  /** The output of a step or a job, by the expression that reads it. */
  outputs: Map<string, string>
}

export interface Job {
  name: string
  fields: Fields
  path: Path
  steps: readonly Fields[]
}

export const fieldsOf = (value: unknown): Fields => (isRecord(value) ? value : {})

/** An expression in words. */
export function shown(text: string): string {
  return text
    .replaceAll(githubTemplate, (_, inner: string) => `(${inner.trim()})`)
    .replaceAll(/\s+/g, ' ')
    .trim()
}

export function note({ tree, notes }: Work, path: Path, message: string): void {
  notes.push({ line: tree.lineOf(path), message })
}

/** The source of a part, as YAML of its own. */
export function sourceOf(fields: Fields): string {
  return stringify(fields, { lineWidth: 0 })
}

/** Step outputs are those of one job. */
export function scoped(expression: string, job: string): string {
  return expression
    .trim()
    .replaceAll(
      /\bsteps\.([\w-]+)\.outputs\.([\w-]+)/g,
      (_, step: string, output: string) => `jobs.${job}.${step}.${output}`,
    )
}

/** A condition is a question that a person answers when the run begins. */
export function conditionOf(condition: unknown, what: string, path: Path, work: Work): string | undefined {
  if (condition === undefined || condition === true) return undefined
  const text = textOfValue(condition)
    .trim()
    .replace(/^\$\{\{\s*([\s\S]*?)\s*\}\}$/, '$1')
    .replaceAll(/\s+/g, ' ')
  if (text === 'success()' || text === 'true') return undefined
  const existing = work.outputs.get(`if ${text}`)
  const name = existing ?? work.names.variable(`run ${what}`)
  if (existing === undefined) {
    work.outputs.set(`if ${text}`, name)
    work.expressions.inputs[name] = { type: 'boolean', description: `Whether this holds: ${text}` }
    note(work, path, `the condition \`${text}\` became the input \`${name}\``)
  }
  return `inputs.${name} == 'true'`
}
