import { parseKey } from '../journal/record/event.ts'
import { differences } from './expectations.ts'
import { mutantsOf } from './mutants.ts'
import type { Mutant } from './mutants.ts'
import { play } from './play.ts'
import type { ScenarioResult, Suite } from './suite.ts'

export interface MutationReport {
  mutants: number
  /** The mutants that every scenario lets pass. */
  survivors: Mutant[]
}

/** Plays the scenarios on every mutant of their runbook. All must pass on the runbook itself. */
export async function mutate({ file }: Suite, results: readonly ScenarioResult[]): Promise<MutationReport> {
  const plan = results.find(({ subject }) => subject)?.subject?.original
  const mutants = plan ? mutantsOf(plan) : []
  const survivors: Mutant[] = []
  const quick = results.toSorted((a, b) => a.ms - b.ms)
  const touched = new Map(results.map((result) => [result, stepsOf(result)]))
  for (const mutant of mutants) {
    // A signal is heard between two of them.
    await new Promise((resume) => setImmediate(resume))
    // A scenario that does not reach the step goes the same way without it.
    const able = quick.filter((result) => mutant.steps.some((step) => touched.get(result)?.has(step)))
    if (!(await isCaught(mutant, file, able))) survivors.push(mutant)
  }
  return { mutants: mutants.length, survivors }
}

function stepsOf({ played }: ScenarioResult): Set<string> {
  return new Set(played?.events.map(({ key }) => parseKey(key).step))
}

/** Whether one of these scenarios goes another way on the mutant. One that does not reach its steps is not played. */
export async function isCaught(
  mutant: Mutant,
  file: Suite['file'],
  results: readonly ScenarioResult[],
): Promise<boolean> {
  for (const { scenario, subject } of results) {
    if (!subject) continue
    const changed = mutant.change ? { change: mutant.change } : {}
    const played = await play(file, scenario, { ...subject, plan: mutant.plan(subject.original), ...changed })
    if (differences(scenario, played).length > 0) return true
  }
  return false
}
