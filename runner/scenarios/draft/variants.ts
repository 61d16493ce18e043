import type { Json } from '../../model/values/json.ts'
import { isRecord } from '../../model/values/json.ts'
import type { InputSpec } from '../../model/values/input-types.ts'
import type { Plan, PlannedStep } from '../../model/plan.ts'
import type { Runbook } from '../../model/runbook.ts'
import { sampleValue } from './sample-value.ts'
import type { ScenarioSource, SituationSource } from './scenario-source.ts'

/** Other values of inputs and outputs with which a run takes another way. */
export function variantsOf({ meta }: Runbook, plan: Plan, situation: SituationSource): ScenarioSource[] {
  const specs = meta.inputs ?? {}
  const choices: ScenarioSource[] = Object.entries(specs).flatMap(
    ([name, { type, options = [], default: usual }]) =>
      (type === 'boolean' ? ['true', 'false'] : type === 'choice' ? options : [])
        .filter((value) => value !== (situation.inputs[name] ?? String(usual)))
        .map((value) => ({ name: `${name} is ${value}`, inputs: { [name]: value } })),
  )
  const conditions = plan.steps.flatMap((step) =>
    [true, false].flatMap((wanted) => conditionVariant(step, wanted, plan, specs, situation)),
  )
  const byText = new Map(
    [...choices, ...conditions].map((one) => [JSON.stringify([one.inputs, one.steps]), one]),
  )
  return [...byText.values()]
}

const atom = /(inputs|outputs)\.(\w+)\s*(==|!=)\s*(?:'([^']*)'|inputs\.(\w+))/g

/** Values that make the condition of a step true, or false, as far as its comparisons say. */
function conditionVariant(
  { attributes }: PlannedStep,
  wanted: boolean,
  plan: Plan,
  specs: Record<string, InputSpec>,
  situation: SituationSource,
): ScenarioSource[] {
  const { when } = attributes
  if (typeof when !== 'string') return []
  const all = [...when.matchAll(atom)]
  const atoms = wanted || when.includes('||') ? all : all.slice(0, 1)
  const inputs: Record<string, string> = {}
  const steps: Record<string, Json> = {}
  const words: string[] = []
  for (const [, scope, name = '', sign, literal, input = ''] of atoms) {
    const value = literal ?? situation.inputs[input] ?? String(specs[input]?.default ?? '')
    const equal = (sign === '==') === wanted
    const chosen = equal ? value : otherThan(value, specs[name], name)
    if (scope === 'inputs') inputs[name] ??= chosen
    else Object.assign(steps, producing(plan, situation, steps, name, chosen))
    words.push(`${name} is ${chosen}`)
  }
  if (words.length === 0) return []
  return [
    {
      name: [...new Set(words)].join(' and '),
      ...(Object.keys(inputs).length > 0 ? { inputs } : {}),
      ...(Object.keys(steps).length > 0 ? { steps } : {}),
    },
  ]
}

function otherThan(value: string, spec: InputSpec | undefined, name: string): string {
  const options = spec?.type === 'boolean' ? ['true', 'false'] : spec?.options
  return options?.find((one) => one !== value) ?? (spec && sampleValue(spec)) ?? `other-${name}`
}

/** The answer with which a step produces an output. */
function producing(
  { steps }: Plan,
  situation: SituationSource,
  chosen: Record<string, Json>,
  name: string,
  value: string,
): Record<string, Json> {
  const source = steps.find(({ outputs }) => outputs.includes(name))
  if (!source) return {}
  const field = source.kind === 'ask' ? 'fields' : 'outputs'
  const before = chosen[source.id] ?? situation.steps[source.id]
  const answer = isRecord(before) ? before : {}
  const values = isRecord(answer[field]) ? answer[field] : {}
  return { [source.id]: { ...answer, [field]: { ...values, [name]: value } } }
}
