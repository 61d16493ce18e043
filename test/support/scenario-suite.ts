import { kinds } from '../../runner/kinds/all.ts'
import { makeKinds } from '../../runner/kinds/index.ts'
import type { Plan } from '../../runner/model/plan.ts'
import { readRunbook } from '../../runner/model/read-runbook.ts'
import type { Runbook } from '../../runner/model/runbook.ts'
import { readScenarios } from '../../runner/scenarios/format/read-scenarios.ts'
import type { ReadScenarios } from '../../runner/scenarios/format/read-scenarios.ts'
import { makeSuite, playSuite } from '../../runner/scenarios/suite.ts'
import type { ScenarioResult, Suite } from '../../runner/scenarios/suite.ts'

/** A runbook from its text; it must be free of errors. */
export function runbookOf(text: string): Runbook {
  const bytes = Buffer.from(text.replaceAll('~~~', '```'))
  const { runbook, diagnostics } = readRunbook({ file: 'a.mdx', slug: 'a', bytes }, kinds)
  if (!runbook) throw new Error(diagnostics.map(({ message }) => message).join('\n'))
  return runbook
}

/** Scenarios from their text; it must be free of errors. */
export function scenariosOf(text: string): ReadScenarios {
  const read = readScenarios(text, 'a.scenarios.yaml')
  if (Array.isArray(read)) throw new Error(read.map(({ message }) => message).join('\n'))
  return read
}

const people = { people: { qa: ['carol@example.com'], manager: ['bob@example.com', 'dana@example.com'] } }

/** A suite of texts, with carol in the role `qa`, and bob and dana in the role `manager`. */
export function suiteOf(runbook: string, scenarios: string): Promise<Suite> {
  const withPeople = async (plan: Plan): Promise<Plan> => ({ ...plan, ...people })
  return makeSuite(runbookOf(runbook), scenariosOf(scenarios).file, makeKinds(), withPeople)
}

/** What each scenario of a text led to, as `field: actual, expected …`; empty for one that passes. */
export async function played(runbook: string, scenarios: string): Promise<ScenarioResult[]> {
  return playSuite(await suiteOf(runbook, scenarios))
}

export function texts({ differences }: ScenarioResult): string[] {
  return differences.map(({ what, actual, expected }) =>
    expected === undefined ? actual : `${what}: ${actual}, expected ${expected}`,
  )
}
