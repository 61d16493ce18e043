import { kindNamed } from '../kinds.ts'
import { attributeParams } from '../../../runner/kinds/attribute-params.ts'
import { formatDuration, parseDuration } from '../../../runner/model/values/duration.ts'
import { elementName } from '../../../runner/model/steps/kind-spec.ts'
import type { Effect } from '../../../runner/model/steps/kind-spec.ts'
import type { PlannedStep } from '../../../runner/model/plan.ts'
import { referencesOf } from '../../../runner/model/runbook.ts'
import type { Literal } from '../../../runner/model/runbook.ts'
import type { View } from '../../../runner/model/view.ts'
import { counted } from '../../../runner/model/counted.ts'

export const effectWords: Record<Effect, string> = {
  none: 'Changes nothing',
  read: 'Only reads',
  write: 'Changes things',
}

/** The action of the step, from its kind; task lists are left to the document, which shows them with their links. */
export function viewsOf(step: PlannedStep): View[] {
  const kind = kindNamed(step.kind)
  const tasks = step.tasks.map((task) => task.text).join('\n')
  return kind
    .view(attributeParams(kind.params.shape, step.attributes), step)
    .filter((view) => view.type !== 'list' || view.items.join('\n') !== tasks)
}

export function kindLabel(step: PlannedStep): string {
  return elementName(step.kind)
}

export function oldIds(step: PlannedStep): string[] {
  const was = step.attributes['was']
  return typeof was === 'string' ? was.split(/[\s,]+/).filter((id) => id !== '') : []
}

const failure: Record<string, string> = {
  stop: 'the run stops; resume it when the cause is fixed',
  continue: 'the run goes on with the next step',
  rollback: 'every step before is undone, last first',
}

/** The attributes a reader needs before starting the step, in words. */
export function factsOf({ attributes, outputs, effect }: PlannedStep): [string, string][] {
  const facts: [string, string | undefined][] = [
    ['Only when', text(attributes['when'])],
    ['Asks you to type', text(attributes['confirm'])],
    ['Needs', text(attributes['requires'])],
    ['If it fails', failure[text(attributes['onFailure']) ?? (effect === 'write' ? 'stop' : '')]],
    ['Time limit', span(attributes['timeout'])],
    ['Should take', span(attributes['budget'])],
    ['Tries again', retries(attributes)],
    ['Safe to run again', attributes['idempotent'] === true ? 'yes' : undefined],
    ['Shows', referencesOf(attributes['refs']).join(', ') || undefined],
    ['Gives', outputs.length > 0 ? outputs.join(', ') : undefined],
  ]
  return facts.filter((fact): fact is [string, string] => fact[1] !== undefined)
}

function retries(attributes: Record<string, Literal>): string | undefined {
  const times = attributes['retries']
  if (times === undefined || times === 0) return undefined
  return `${counted(Number(times), 'time')}, first after ${span(attributes['retryDelay']) ?? '1 s'}`
}

function text(value: Literal | undefined): string | undefined {
  return value === undefined ? undefined : String(value)
}

function span(value: Literal | undefined): string | undefined {
  const ms = typeof value === 'string' ? parseDuration(value) : undefined
  return ms === undefined ? text(value) : formatDuration(ms)
}
