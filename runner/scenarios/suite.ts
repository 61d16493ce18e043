import { makePlan } from '../engine/plan/make-plan.ts'
import { missingInputs, readInputs } from '../engine/plan/read-inputs.ts'
import type { Kinds, LoadedKinds } from '../kinds/index.ts'
import type { IncludeRequest } from '../kinds/kind.ts'
import type { Plan } from '../model/plan.ts'
import { failure, success } from '../model/problem.ts'
import type { Outcome } from '../model/problem.ts'
import type { Runbook } from '../model/runbook.ts'
import { suggestion } from '../model/suggest.ts'
import { differences } from './expectations.ts'
import type { Difference } from './expectations.ts'
import type { Scenario, ScenarioFile } from './format/scenario-schema.ts'
import { play } from './play.ts'
import type { Playable, Subject } from './play.ts'
import type { Played } from './played.ts'

/** A runbook with its scenarios, ready to be played. */
export interface Suite {
  runbook: Runbook
  file: ScenarioFile
  subjectOf(scenario: Scenario): Promise<Outcome<Subject>>
}

export interface ScenarioResult {
  scenario: Scenario
  /** Its place in the file, from 0. */
  index: number
  differences: Difference[]
  /** Undefined when its inputs make no plan. */
  played: Played | undefined
  subject: Subject | undefined
  /** Milliseconds of real time. */
  ms: number
}

/** The parts of a workspace that scenarios need. */
export interface SuiteWorld {
  kinds: Kinds
  /** Puts the people of the workspace into a plan. */
  withPeople(plan: Plan): Promise<Plan>
  /** A runbook that another one includes, with its scenarios. */
  other(slug: string): Promise<Outcome<{ runbook: Runbook; file: ScenarioFile }>>
}

export async function makeSuite(
  runbook: Runbook,
  file: ScenarioFile,
  workspace: SuiteWorld,
  including: readonly string[] = [],
): Promise<Suite> {
  const { kinds } = workspace
  const loaded = await kinds.load(runbook.steps.map(({ kind }) => kind))
  const subjects = new Map<string, Promise<Outcome<Subject>>>()
  return {
    runbook,
    file,
    subjectOf(scenario) {
      const inputs = { ...file.inputs, ...scenario.inputs }
      const key = JSON.stringify(inputs)
      const made =
        subjects.get(key) ?? subjectFor(runbook, inputs, workspace, loaded, [...including, runbook.slug])
      subjects.set(key, made)
      return made
    },
  }
}

async function subjectFor(
  runbook: Runbook,
  given: Record<string, string>,
  workspace: SuiteWorld,
  loaded: LoadedKinds,
  including: readonly string[],
): Promise<Outcome<Subject>> {
  const declared = Object.entries(runbook.meta.inputs ?? {})
  const secrets = declared
    .filter(([, { type }]) => type === 'secret')
    .map(([name]): [string, string] => [name, `made-up-value-of-${name}`])
  const inputs = await readInputs(runbook, new Map([...secrets, ...Object.entries(given)]))
  const [problem] = inputs.problems
  if (problem) return failure(problem.message)
  const missing = missingInputs(inputs.missing)
  if (missing) return failure(missing.message)
  const { plan, problems } = await makePlan(runbook, inputs, workspace.kinds)
  const [wrong] = problems
  if (wrong) return failure(wrong.message)
  return success({
    original: await workspace.withPeople(plan),
    kinds: loaded,
    secrets: inputs.secrets,
    included: (request, name) => includedScenario(request, name, workspace, including),
  })
}

/** A scenario of an included runbook; its inputs are those of the step, and never its own. */
async function includedScenario(
  { runbook: slug, inputs }: IncludeRequest,
  name: string,
  workspace: SuiteWorld,
  including: readonly string[],
): Promise<Outcome<Playable>> {
  if (including.includes(slug)) return failure(`${slug} includes itself`)
  const other = await workspace.other(slug)
  if (!other.ok) return other
  const { runbook, file } = other.value
  const scenario = file.scenarios.find((one) => one.name === name)
  if (!scenario)
    return failure(
      `${slug} has no scenario of that name. ${suggestion(
        name,
        file.scenarios.map((one) => one.name),
      )}`,
    )
  const given = { ...file, inputs }
  const suite = await makeSuite(runbook, given, workspace, including)
  const subject = await suite.subjectOf({ ...scenario, inputs: {} })
  return subject.ok ? success({ file: given, scenario, subject: subject.value }) : subject
}

/** Plays every scenario of a suite whose name contains a text. */
export async function playSuite(suite: Suite, text = ''): Promise<ScenarioResult[]> {
  const results: ScenarioResult[] = []
  for (const [index, scenario] of suite.file.scenarios.entries()) {
    if (!scenario.name.includes(text)) continue
    // A signal is heard between two of them.
    await new Promise((resume) => setImmediate(resume))
    results.push(await playOne(suite, scenario, index))
  }
  return results
}

/** Plays one scenario and holds what came of it against what it expects. */
export async function playOne(suite: Suite, scenario: Scenario, index: number): Promise<ScenarioResult> {
  const began = performance.now()
  const subject = await suite.subjectOf(scenario)
  if (!subject.ok) {
    const path = [Object.keys(scenario.inputs).length > 0 ? 'inputs' : 'name']
    const faults = [{ path, what: 'scenario', actual: subject.problem.message }]
    return { scenario, index, differences: faults, played: undefined, subject: undefined, ms: 0 }
  }
  const played = await play(suite.file, scenario, subject.value)
  return {
    scenario,
    index,
    differences: differences(scenario, played),
    played,
    subject: subject.value,
    ms: performance.now() - began,
  }
}
