import { failure, success } from '../../model/problem.ts'
import type { Outcome } from '../../model/problem.ts'
import { readParams } from '../../model/steps/step-params.ts'
import type { Plan, PlannedStep } from '../../model/plan.ts'
import {
  missingOutputs,
  resolveAttributes,
  resolveFence,
  resolveWords,
  settled,
  settledWords,
} from '../plan/resolve-values.ts'
import { fieldsOf, valuesOf } from '../run.ts'
import type { Resolving } from '../run.ts'
import type { Work } from './work.ts'

/** The step with its values in place and its attributes read, or why it cannot run. */
export function prepareStep(
  run: Resolving,
  step: PlannedStep,
  outputs: Record<string, string>,
): ReturnType<Work['prepare']> {
  const values = valuesOf(run, outputs)
  const kind = run.kindNamed(step.kind)
  const words = resolveWords(step, { inputs: run.plan.inputs, outputs, run: fieldsOf(run) })
  const resolved = {
    attributes: resolveAttributes(step.attributes, values, kind.expressions),
    fences: step.fences.map((fence) => resolveFence(fence, values)),
  }
  const missing = missingOutputs(resolved)
  if (missing.length > 0) return failure(`cannot run: ${withoutValue(run.plan, missing)}`)
  const ready = settled({ ...step, ...settledWords(words), ...resolved })
  const read = readParams(kind, ready.attributes)
  if ('problems' in read) {
    const first = read.problems[0]
    return failure(`cannot run: attribute \`${first?.attribute}\`: ${first?.message}`)
  }
  return success({ step: ready, params: read })
}

/** Whether the `when` of a step is true; a problem when it has no value. */
export async function whenHolds(
  run: Resolving,
  step: PlannedStep,
  outputs: Record<string, string>,
): Promise<Outcome<boolean>> {
  const expression = step.attributes['when']
  if (typeof expression !== 'string') return success(true)
  const { celNames, evaluateCondition } = await import('../../model/values/cel.ts')
  try {
    return success(evaluateCondition(expression, { ...valuesOf(run, outputs) }))
  } catch (error) {
    const missing = celNames(expression)
      .read.filter(({ scope, name }) => scope === 'outputs' && !(name in outputs))
      .map(({ name }) => name)
    const why = missing.length > 0 ? withoutValue(run.plan, missing) : (error as Error).message.split('\n')[0]
    return failure(`cannot run: \`when\` cannot be evaluated: ${why}`)
  }
}

/** Why outputs have no value: the steps that produce them did not. */
function withoutValue({ steps }: Plan, names: readonly string[]): string {
  return names
    .map((name) => {
      const source = steps.find(({ outputs }) => outputs.includes(name))
      return `\`outputs.${name}\` has no value, because step \`${source?.id ?? name}\` did not produce it`
    })
    .join('; ')
}
