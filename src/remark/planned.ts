import { kindNamed } from '../../runner/kinds/all.ts'
import type { Literal, Step } from '../../runner/model/runbook.ts'
import type { PlannedStep } from '../../runner/model/plan.ts'
import { declaredOutputs } from '../../runner/model/runbook.ts'

/** A step as a plan would hold it before any input is known: what a kind's view needs. */
export function plannedFrom(step: Step): PlannedStep {
  const attributes: Record<string, Literal> = {}
  for (const [name, { value }] of Object.entries(step.attributes)) attributes[name] = value
  const kind = kindNamed(step.kind)
  return {
    number: step.number,
    id: step.id,
    kind: step.kind,
    title: step.title,
    ...(step.phase === undefined ? {} : { phase: step.phase }),
    effect: kind.effect(readParams(kind.params.shape, attributes), step),
    attributes,
    fences: step.fences,
    tasks: step.tasks,
    prose: step.prose,
    outputs: declaredOutputs(step),
    file: step.place.file,
    line: step.place.line,
  }
}

interface Schema {
  safeParse(value: unknown): { success: boolean; data?: unknown }
}

/** Reads attributes one by one: a value that is still a template stays as written, the others are typed. */
export function readParams(
  shape: Record<string, unknown>,
  attributes: Record<string, Literal>,
): Record<string, unknown> {
  const params: Record<string, unknown> = {}
  for (const [name, schema] of Object.entries(shape)) {
    const read = (schema as Schema).safeParse(attributes[name])
    params[name] = read.success ? read.data : attributes[name]
  }
  return params
}
