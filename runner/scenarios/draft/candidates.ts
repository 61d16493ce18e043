import { parseMetricList } from '../../kinds/gate/spec.ts'
import { fence } from '../../kinds/kind.ts'
import type { Json } from '../../model/values/json.ts'
import type { Plan, PlannedStep } from '../../model/plan.ts'
import type { ScenarioSource } from './scenario-source.ts'

/**
 * Scenarios that may be worth having in a variant of the run, from what may happen to the steps that are new in it. They
 * have their values in place.
 */
export function candidatesOf(
  variant: ScenarioSource,
  steps: readonly PlannedStep[],
  plan: Plan,
): { scenario: ScenarioSource; whole: boolean }[] {
  const { inputs, steps: answers } = variant
  const isBase = inputs === undefined && answers === undefined
  const back = isBase ? 'it went well' : variant.name
  const scenarios: ScenarioSource[] = [
    variant,
    ...(steps.some(undoable)
      ? [{ name: `${back}, then it is undone`, lives: [{}, { how: 'rollback' }] }]
      : []),
    ...steps.flatMap((step) => ofStep(step, plan)),
  ]
  return scenarios.map((one) => {
    const own = { ...answers, ...one.steps }
    const scenario = {
      ...one,
      ...(inputs === undefined ? {} : { inputs }),
      ...(Object.keys(own).length > 0 ? { steps: own } : {}),
    }
    return { scenario, whole: one === variant }
  })
}

function undoable({ effect, fences }: PlannedStep): boolean {
  return effect === 'write' && fences.some(({ role }) => role === 'undo')
}

function ofStep(step: PlannedStep, plan: Plan): ScenarioSource[] {
  const one = (what: string, answer: Json): ScenarioSource => ({
    name: `${step.id} ${what}`,
    steps: { [step.id]: answer },
  })
  const { id, kind, effect, attributes } = step
  const writes = effect === 'write'
  const scenarios: ScenarioSource[] = []
  if (kind === 'command' || kind === 'check') {
    scenarios.push(one('fails', { exit: 1 }))
    if (attributes['expect'] !== undefined)
      scenarios.push(one('prints something else', { stdout: 'something else' }))
  }
  if (kind === 'http') {
    scenarios.push(one('is answered with an error', { status: 500 }))
    if (attributes['expect'] !== undefined)
      scenarios.push(
        String(attributes['expect']).includes('duration')
          ? one('is answered late', { takes: '20s' })
          : one('is answered with something else', { json: {} }),
      )
  }
  if (kind === 'include') scenarios.push(one('fails', { includes: { ends: 'failed' } }))
  if (Number(attributes['retries'] ?? 0) > 0)
    scenarios.push(one('fails once', kind === 'http' ? [{ status: 500 }, {}] : [{ exit: 1 }, {}]))
  if (kind === 'gate') scenarios.push(...ofGate(step, one))
  if (kind === 'checklist' || kind === 'ask')
    scenarios.push(one('is not answered', kind === 'ask' ? { fields: {} } : { tasks: 'nobody' }))
  if (kind === 'approval') scenarios.push(...ofApproval(step, plan, one))
  if (kind === 'wait' || kind === 'gate')
    scenarios.push({ name: `the runner dies during ${id}`, dies: { in: id } })
  if (writes) scenarios.push(...ofEffect(step, one))
  return scenarios
}

function ofEffect(step: PlannedStep, one: (what: string, answer: Json) => ScenarioSource): ScenarioSource[] {
  const { id } = step
  const done = step.fences.some(({ role }) => role === 'done')
  return [
    ...(done ? [one('was done before', { held: true })] : []),
    { name: `the runner dies before ${id} takes effect`, dies: { in: id } },
    { name: `the runner dies after ${id} took effect`, dies: { in: id, effect: true } },
    ...(undoable(step)
      ? [
          {
            name: `the undo of ${id} fails`,
            steps: { [id]: { undo: { exit: 1 } } },
            lives: [{}, { how: 'rollback' }],
          },
        ]
      : []),
  ]
}

function ofGate(step: PlannedStep, one: (what: string, answer: Json) => ScenarioSource): ScenarioSource[] {
  const metrics = parseMetricList(fence(step, 'main')?.code ?? '')
  const names = metrics.ok ? metrics.value.map(({ name }) => name) : []
  return [
    ...names.map((name) => ({
      ...one(`sees bad ${name}`, { looks: { [name]: 'good, bad' } }),
      expect: { says: 'violations' },
    })),
    one('has no data', { looks: 'nothing' }),
    one('forgives one bad look', { looks: 'bad, good' }),
  ]
}

function ofApproval(
  { id, attributes }: PlannedStep,
  { people = {}, steps }: Plan,
  one: (what: string, answer: Json) => ScenarioSource,
): ScenarioSource[] {
  const of = (step: { attributes: PlannedStep['attributes'] } | undefined): string[] =>
    String(step?.attributes['approvers'] ?? '')
      .split(/[\s,]+/)
      .flatMap((word) => people[word] ?? [word])
      .filter((who) => who.includes('@'))
  const able = of({ attributes })
  const [first = 'someone@example.com'] = able
  const others = steps.filter(({ kind, id: other }) => kind === 'approval' && other !== id)
  const twice = others.flatMap((other) =>
    of(other)
      .filter((who) => able.includes(who))
      .map((who): ScenarioSource => {
        const said = `approved by ${who}`
        return { name: `${who} signs ${other.id} and ${id}`, steps: { [other.id]: said, [id]: said } }
      }),
  )
  return [
    one('is rejected', `rejected by ${first}: not today`),
    one('is not decided', { approvals: 'nobody' }),
    ...twice.slice(0, 1),
  ]
}
