import { kindNamed } from '../data/kinds.ts'
import { attributeParams } from '../../runner/kinds/attribute-params.ts'
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
    effect: kind.effect(attributeParams(kind.params.shape, attributes), step),
    attributes,
    fences: step.fences,
    tasks: step.tasks,
    prose: step.prose,
    outputs: declaredOutputs(step),
    file: step.place.file,
    line: step.place.line,
  }
}
