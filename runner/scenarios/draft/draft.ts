import type { Plan, PlannedStep } from '../../model/plan.ts'
import { failure, success } from '../../model/problem.ts'
import type { Outcome } from '../../model/problem.ts'
import type { Runbook } from '../../model/runbook.ts'
import { prepareStep } from '../../engine/loop/prepare.ts'
import { coverageOf } from '../coverage.ts'
import { scenarioFileSchema } from '../format/scenario-schema.ts'
import type { ScenarioFile } from '../format/scenario-schema.ts'
import { isCaught } from '../mutate.ts'
import { mutantsOf } from '../mutants.ts'
import type { Subject } from '../play.ts'
import type { Played } from '../played.ts'
import { makeSuite, playOne } from '../suite.ts'
import type { ScenarioResult, Suite, SuiteWorld } from '../suite.ts'
import { candidatesOf } from './candidates.ts'
import { draftInputs, draftSituation } from './draft-situation.ts'
import { observed } from './observe.ts'
import { variantsOf } from './variants.ts'
import type { ScenarioSource, SituationSource } from './scenario-source.ts'

export interface Draft {
  situation: SituationSource
  scenarios: ScenarioSource[]
}

/**
 * A first set of scenarios, each with what it led to. One that neither reaches something new nor notices a change is
 * left out. `known` is what the file of the runbook shares already.
 */
export async function draftScenarios(
  runbook: Runbook,
  workspace: SuiteWorld,
  shared: SituationSource | undefined,
): Promise<Outcome<Draft>> {
  const inputs = shared?.inputs ?? draftInputs(runbook)
  const probe = await suiteFor({ inputs, steps: {} }, [{ name: 'first' }], runbook, workspace)
  const start = await probe.subjectOf(probe.file.scenarios[0] as ScenarioFile['scenarios'][number])
  if (!start.ok)
    return failure(`${start.problem.message}, so there is no run to draft scenarios from`, {
      hint: 'Write a file with `inputs:` that fit, and one scenario; then try again.',
    })
  const plan = start.value.original
  const drafted = draftSituation(plan, inputs)
  // A file that was written with a runbook has no answers for the steps that were added since.
  const situation = shared ? { ...shared, steps: { ...drafted.steps, ...shared.steps } } : drafted
  const play = (scenario: ScenarioSource): Promise<ScenarioResult> =>
    playDraft(scenario, situation, runbook, workspace)
  const candidates: ReturnType<typeof candidatesOf> = []
  const seen = new Set<string>()
  for (const variant of [{ name: 'all is well' }, ...variantsOf(runbook, plan, situation)]) {
    const { played, subject } = await play(variant)
    if (!played || !subject) continue
    const ran = subject.original.steps.filter(
      ({ id }) => !seen.has(id) && (played.state.steps.get(id)?.status ?? 'pending') !== 'pending',
    )
    const reached = ran.filter(({ id }) => played.state.steps.get(id)?.status !== 'skipped')
    for (const { id } of reached) seen.add(id)
    candidates.push(
      ...candidatesOf(
        variant,
        reached.map((step) => ready(step, subject, played)),
        plan,
      ),
    )
  }
  const results: { source: ScenarioSource; result: ScenarioResult; suite: Suite }[] = []
  for (const { scenario: candidate, whole } of candidates) {
    const once = await play(candidate)
    if (!once.played || once.played.problems.length > 0) continue
    const source = observed(candidate, once.played, whole)
    const suite = await suiteFor(situation, [source], runbook, workspace)
    const [first] = suite.file.scenarios
    if (first) results.push({ source, suite, result: await playOne(suite, first, 0) })
  }
  return success({ situation, scenarios: await worthKeeping(results, plan) })
}

/** The step with the values that it had in a run. */
function ready(step: PlannedStep, { kinds, secrets }: Subject, { plan, state }: Played): PlannedStep {
  const actor = { id: 'draft', host: '', via: 'runner' }
  const resolving = { id: 'draft', plan, actor, secrets, kindNamed: kinds.named }
  const prepared = prepareStep(resolving, step, state.outputs)
  return prepared.ok ? prepared.value.step : step
}

/** The scenarios that reach an outcome, or notice a change, that none before them does. */
async function worthKeeping(
  results: readonly { source: ScenarioSource; result: ScenarioResult; suite: Suite }[],
  plan: Plan,
): Promise<ScenarioSource[]> {
  let survivors = mutantsOf(plan)
  let unreached = coverageOf(plan, []).unreached.length
  const kept: ScenarioSource[] = []
  const played: NonNullable<ScenarioResult['played']>[] = []
  for (const { source, result, suite } of results) {
    if (!result.played || result.differences.length > 0) continue
    const left = coverageOf(plan, [...played, result.played]).unreached.length
    const alive = []
    for (const mutant of survivors) if (!(await isCaught(mutant, suite.file, [result]))) alive.push(mutant)
    if (left === unreached && alive.length === survivors.length) continue
    kept.push(source)
    played.push(result.played)
    survivors = alive
    unreached = left
  }
  return kept
}

async function playDraft(
  scenario: ScenarioSource,
  situation: SituationSource,
  runbook: Runbook,
  workspace: SuiteWorld,
): Promise<ScenarioResult> {
  const suite = await suiteFor(situation, [scenario], runbook, workspace)
  return playOne(suite, suite.file.scenarios[0] as ScenarioFile['scenarios'][number], 0)
}

function suiteFor(
  situation: SituationSource,
  scenarios: readonly ScenarioSource[],
  runbook: Runbook,
  workspace: SuiteWorld,
): Promise<Suite> {
  return makeSuite(runbook, scenarioFileSchema.parse({ ...situation, scenarios }), workspace)
}
