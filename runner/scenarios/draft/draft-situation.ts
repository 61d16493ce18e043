import { parseFields } from '../../kinds/ask/index.ts'
import { fence } from '../../kinds/kind.ts'
import { isRequired } from '../../model/values/read-input.ts'
import type { Json } from '../../model/values/json.ts'
import type { Plan, PlannedStep } from '../../model/plan.ts'
import type { Runbook } from '../../model/runbook.ts'
import { sampleValue } from './sample-value.ts'
import type { SituationSource } from './scenario-source.ts'

/** Values for the inputs that must be given. */
export function draftInputs({ meta }: Runbook): Record<string, string> {
  return Object.fromEntries(
    Object.entries(meta.inputs ?? {})
      .filter(([, spec]) => isRequired(spec) && spec.type !== 'secret')
      .map(([name, spec]) => [name, sampleValue(spec) ?? 'a value']),
  )
}

/** Answers with which a run of the plan may go well. */
export function draftSituation(plan: Plan, inputs: Record<string, string>): SituationSource {
  const holders = Object.values(plan.people ?? {}).flat()
  const runner = ['erin@example.com', 'runner@example.com'].find((one) => !holders.includes(one))
  const signed = new Set<string>()
  const steps: Record<string, Json> = {}
  for (const step of plan.steps) {
    const answer = draftAnswer(step, plan, signed)
    if (answer !== undefined) steps[step.id] = answer
  }
  return { ...(runner === undefined ? {} : { runner }), inputs, steps }
}

function draftAnswer(step: PlannedStep, plan: Plan, signed: Set<string>): Json | undefined {
  if (step.kind === 'approval') return draftApproval(step, plan, signed)
  if (step.kind === 'ask') {
    const fields = parseFields(fence(step, 'main')?.code ?? '')
    if (!fields.ok) return undefined
    const values = Object.entries(fields.value).map(([name, spec]) => [name, sampleValue(spec) ?? name])
    return { fields: Object.fromEntries(values) as Record<string, string> }
  }
  if (step.kind === 'http') {
    const { expect } = step.attributes
    return expect === undefined ? undefined : { json: bodyFor(String(expect)) }
  }
  if (step.outputs.length === 0) return undefined
  const outputs = Object.fromEntries(step.outputs.map((name) => [name, draftOutput(name, plan)]))
  return step.kind === 'include' ? { includes: { outputs } } : { outputs }
}

/**
 * A body of JSON for which the equalities of a condition hold: `json.status == 'ok'` asks for `{ status: 'ok' }`.
 * @internal
 */
export function bodyFor(condition: string): Record<string, Json> {
  const body: Record<string, Json> = {}
  for (const [, path = '', text, bare] of condition.matchAll(
    /\bjson((?:\.\w+)+) == (?:["']([^"']*)["']|(\d+|true|false)\b)/g,
  )) {
    const names = path.slice(1).split('.')
    // A name that every object has is not a member of a body.
    if (names.some((name) => name in Object.prototype)) continue
    const last = names.pop() ?? ''
    let place = body
    for (const name of names) place = (place[name] ??= {}) as Record<string, Json>
    place[last] = text ?? (JSON.parse(bare ?? 'null') as Json)
  }
  return body
}

/** People of the roles that a step asks for, each once in a run. */
function draftApproval({ attributes }: PlannedStep, { people = {} }: Plan, signed: Set<string>): Json {
  const words = String(attributes['approvers'] ?? '')
    .split(/[\s,]+/)
    .filter((word) => word !== '')
  const able = words.flatMap((word) => people[word] ?? [word]).filter((one) => one.includes('@'))
  const min = Number(attributes['min'] ?? 1)
  const chosen = able.filter((one) => !signed.has(one)).slice(0, min)
  for (const one of chosen) signed.add(one)
  const phrases = chosen.map((one) => `approved by ${one}`)
  return phrases.length === 1 ? (phrases[0] ?? '') : phrases
}

/** A value for an output, by what it is used for. */
function draftOutput(name: string, { steps }: Plan): string {
  const used = (attribute: string): boolean =>
    steps.some(({ attributes }) => String(attributes[attribute] ?? '').includes(`outputs.${name} `))
  if (used('source')) return 'http://system.example.com/metrics'
  if (used('for')) return '1m'
  if (used('interval')) return '15s'
  const gate = steps.find(
    ({ kind, fences }) => kind === 'gate' && fences[0]?.code.includes(`outputs.${name} `),
  )
  const line = gate?.fences[0]?.code.split(`outputs.${name} `)[0]?.split('\n- ').at(-1) ?? ''
  if (/(below|above):[^\n]*$/.test(line)) return line.includes('quantile') ? '1s' : '1%'
  return /url|address|site/.test(name) ? 'http://system.example.com' : name
}
