import { kinds } from '../../runner/kinds/all.ts'
import { makeKinds } from '../../runner/kinds/index.ts'
import { failure, success } from '../../runner/model/problem.ts'
import { readRunbook } from '../../runner/model/read-runbook.ts'
import type { Runbook } from '../../runner/model/runbook.ts'
import { readScenarios } from '../../runner/scenarios/format/read-scenarios.ts'
import type { ReadScenarios } from '../../runner/scenarios/format/read-scenarios.ts'
import { makeSuite, playSuite } from '../../runner/scenarios/suite.ts'
import type { ScenarioResult, Suite, SuiteWorld } from '../../runner/scenarios/suite.ts'

/** A runbook from its text; it must be free of errors. */
export function runbookOf(text: string): Runbook {
  const bytes = Buffer.from(text.replaceAll('~~~', '```'))
  const { runbook, diagnostics } = readRunbook({ file: 'a.mdx', slug: 'a', bytes }, kinds)
  if (!runbook) throw new Error(diagnostics.map(({ message }) => message).join('\n'))
  return runbook
}

/** Scenarios from their text; it must be free of errors. */
function scenariosOf(text: string): ReadScenarios {
  const read = readScenarios(text, 'a.scenarios.yaml')
  if (Array.isArray(read)) throw new Error(read.map(({ message }) => message).join('\n'))
  return read
}

const people = { people: { qa: ['carol@example.com'], manager: ['bob@example.com', 'dana@example.com'] } }

/** Runbooks that others include, by name: their text and that of their scenarios. */
export type Others = Record<string, [runbook: string, scenarios: string]>

/** A workspace with carol in the role `qa`, and bob and dana in the role `manager`. */
function workspaceOf(others: Others = {}): SuiteWorld {
  return {
    kinds: makeKinds(),
    withPeople: async (plan) => ({ ...plan, ...people }),
    async other(slug) {
      const [runbook, scenarios] = others[slug] ?? []
      return runbook === undefined || scenarios === undefined
        ? failure(`There is no runbook \`${slug}\``)
        : success({ runbook: { ...runbookOf(runbook), slug }, file: scenariosOf(scenarios).file })
    },
  }
}

/** A suite of texts in such a workspace. */
export function suiteOf(runbook: string, scenarios: string, others?: Others): Promise<Suite> {
  return makeSuite(runbookOf(runbook), scenariosOf(scenarios).file, workspaceOf(others))
}

/** What each scenario of a text led to, as `field: actual, expected …`; empty for one that passes. */
export async function played(runbook: string, scenarios: string, others?: Others): Promise<ScenarioResult[]> {
  return playSuite(await suiteOf(runbook, scenarios, others))
}

export function texts({ differences }: ScenarioResult): string[] {
  return differences.map(({ what, actual, expected }) =>
    expected === undefined ? actual : `${what}: ${actual}, expected ${expected}`,
  )
}
