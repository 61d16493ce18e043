import { fillCel, fillHttp, fillYaml } from '../../model/values/encode.ts'
import { asText } from '../../model/values/json.ts'
import type { JsonObject } from '../../model/values/json.ts'
import { isScript } from '../../model/steps/languages.ts'
import type { Fence, Literal, Task } from '../../model/runbook.ts'
import { hasTemplate, references, substitute, unmarked } from '../../model/values/template.ts'
import type { Reference } from '../../model/values/template.ts'

/** The values templates may name; a scope that is not there stays as written. */
export interface Values {
  inputs?: Record<string, string>
  outputs?: Record<string, string>
  /** Of a run that has begun: all its inputs are known. */
  run?: JsonObject
}

function lookup(values: Values): (reference: Reference) => string | undefined {
  return ({ scope, name }) => {
    const value = values[scope]?.[name]
    if (value !== undefined && value !== null) return asText(value)
    // A plan may have been frozen without the optional inputs that were not given.
    return scope === 'inputs' && values.run ? '' : undefined
  }
}

/**
 * Replaces what is known in the attributes of a step; the rest waits for the step's turn. `expressions` names those that
 * hold CEL.
 */
export function resolveAttributes(
  attributes: Record<string, Literal>,
  values: Values,
  expressions: readonly string[] = [],
): Record<string, Literal> {
  const entries = Object.entries(attributes).map(([name, value]): [string, Literal] => {
    if (typeof value !== 'string' || !hasTemplate(value)) return [name, value]
    return [name, (expressions.includes(name) ? fillCel : substitute)(value, lookup(values))]
  })
  return Object.fromEntries(entries)
}

/** Replaces what is known in a fence, encoded for where it stands. A script is never touched: its values are variables. */
export function resolveFence(fence: Fence, values: Values): Fence {
  if (fence.lang === 'http') return { ...fence, code: fillHttp(fence.code, lookup(values)) }
  if (fence.lang === 'yaml') return { ...fence, code: fillYaml(fence.code, lookup(values)) }
  return isScript(fence) ? fence : { ...fence, code: substitute(fence.code, lookup(values)) }
}

/** Names of the outputs that templates of a step still wait for. */
export function missingOutputs({
  attributes,
  fences,
}: {
  attributes: Record<string, Literal>
  fences: readonly Fence[]
}): string[] {
  const texts = [
    ...Object.values(attributes).map(String),
    ...fences.filter((fence) => !isScript(fence)).map(({ code }) => code),
  ]
  const outputs = texts.flatMap((text) => references(text).valid.filter(({ scope }) => scope === 'outputs'))
  return [...new Set(outputs.map(({ name }) => name))]
}

/** The text of a step for people. `values` contain no secret: this text is recorded and shown. */
export function resolveWords(step: Words & { attributes: Record<string, Literal> }, values: Values): Words {
  const filled = (text: string): string => substitute(text, lookup(values))
  return {
    title: filled(String(step.attributes['title'] ?? step.title)),
    prose: filled(step.prose),
    tasks: step.tasks.map((task) => ({ ...task, text: filled(task.text) })),
  }
}

export function settledWords({ title, prose, tasks }: Words): Words {
  return {
    title: unmarked(title),
    prose: unmarked(prose),
    tasks: tasks.map((task) => ({ ...task, text: unmarked(task.text) })),
  }
}

interface Words {
  title: string
  prose: string
  tasks: Task[]
}

/** A step whose values are all in place: nothing in it is a template any more. */
export function settled<T extends { attributes: Record<string, Literal>; fences: Fence[] }>(step: T): T {
  const entries = Object.entries(step.attributes).map(([name, value]): [string, Literal] => [
    name,
    typeof value === 'string' ? unmarked(value) : value,
  ])
  const fences = step.fences.map((fence) => ({ ...fence, code: unmarked(fence.code) }))
  return { ...step, attributes: Object.fromEntries(entries), fences }
}
