import type { Kinds, LoadedKinds } from '../../kinds/index.ts'
import { parseDuration } from '../../model/values/duration.ts'
import { readParams } from '../../model/steps/step-params.ts'
import type { Plan, PlannedStep } from '../../model/plan.ts'
import { declaredOutputs } from '../../model/runbook.ts'
import type { Literal, Runbook, Step } from '../../model/runbook.ts'
import { substitute, unmarked } from '../../model/values/template.ts'
import type { Inputs, PlanProblem } from './read-inputs.ts'
import { resolveAttributes, resolveFence, resolveWords } from './resolve-values.ts'

/** Resolves everything that can be known before anything happens. */
export async function makePlan(
  runbook: Runbook,
  inputs: Inputs,
  kinds: Kinds,
): Promise<{ plan: Plan; problems: PlanProblem[] }> {
  const loaded = await kinds.load(runbook.steps.map(({ kind }) => kind))
  const values = { inputs: inputs.values }
  const planned = runbook.steps.map((step) => planStep(step, values, loaded))
  const plan: Plan = {
    format: 1,
    slug: runbook.slug,
    title: runbook.meta.title,
    file: runbook.file,
    sha256: runbook.sha256,
    inputs: inputs.values,
    secrets: Object.keys(inputs.secrets),
    inputNames: Object.keys(runbook.meta.inputs ?? {}),
    requires: runbook.meta.requires ?? {},
    env: runbook.meta.env ?? {},
    concurrency: unmarked(
      substitute(runbook.meta.concurrency ?? runbook.slug, ({ scope, name }) =>
        scope === 'inputs' ? inputs.values[name] : undefined,
      ),
    ),
    selfApproval: runbook.meta.selfApproval ?? false,
    ...(runbook.meta.presence === undefined ? {} : { presence: runbook.meta.presence }),
    ...(runbook.meta.agents === undefined ? {} : { agents: runbook.meta.agents }),
    ...(runbook.meta.close === undefined ? {} : { close: runbook.meta.close }),
    ...(runbook.meta.counts === undefined ? {} : { counts: runbook.meta.counts }),
    ...(runbook.meta.budget === undefined ? {} : { budgetMs: parseDuration(runbook.meta.budget) ?? 0 }),
    ...(runbook.meta.onLate === 'fail' ? { lateFails: true } : {}),
    steps: planned.map(({ step }) => step),
  }
  return { plan, problems: [...tooLarge(plan.inputs), ...planned.flatMap(({ problems }) => problems)] }
}

/** Most bytes of inputs: an event of the journal holds them all, and a request for approval shows them. */
const mostInputBytes = 32_000

function tooLarge(inputs: Record<string, string>): PlanProblem[] {
  const bytes = Buffer.byteLength(JSON.stringify(inputs))
  if (bytes <= mostInputBytes) return []
  const message = `Unexpected inputs of ${bytes} bytes, expected at most ${mostInputBytes} in all`
  return [{ message, hint: 'Give the path of a file instead of what is in it.' }]
}

function planStep(
  step: Step,
  values: { inputs: Record<string, string> },
  kinds: LoadedKinds,
): { step: PlannedStep; problems: PlanProblem[] } {
  const literals = Object.fromEntries(
    Object.entries(step.attributes).map(([name, { value }]) => [name, value]),
  )
  const kind = kinds.named(step.kind)
  const attributes = resolveAttributes(literals, values, kind.expressions)
  const fences = step.fences.map((fence) => resolveFence(fence, values))
  const words = resolveWords({ ...step, attributes: literals }, values)
  const read = readParams(kind, attributes)
  const late = lateAttributes(attributes)
  const problems = 'problems' in read ? read.problems.filter((problem) => !late.has(problem.attribute)) : []
  // An attribute that waits for an output leaves the others readable; only those decide what a step changes.
  const effect = kind.effect('params' in read ? read.params : { effect: 'write', ...attributes }, { fences })
  return {
    step: {
      number: step.number,
      id: step.id,
      kind: step.kind,
      title: unmarked(words.title),
      ...(step.phase === undefined ? {} : { phase: step.phase }),
      effect,
      attributes,
      fences,
      tasks: words.tasks,
      prose: words.prose,
      outputs: declaredOutputs(step),
      file: step.place.file,
      line: step.place.line,
    },
    problems: problems.map(({ attribute, message }) => ({
      message: `Step \`${step.id}\`, attribute \`${attribute}\`: ${message}`,
      hint: `See ${step.place.file}:${step.place.line}; the value comes from an input.`,
    })),
  }
}

function lateAttributes(attributes: Record<string, Literal>): Set<string> {
  return new Set(
    Object.entries(attributes).flatMap(([name, value]) => (String(value).includes('${{') ? [name] : [])),
  )
}
