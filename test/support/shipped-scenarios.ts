import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { openCache } from '../../runner/cache.ts'
import { makeKinds } from '../../runner/kinds/index.ts'
import { listEntries, readEntry } from '../../runner/library.ts'
import type { Plan } from '../../runner/model/plan.ts'
import { readPeople } from '../../runner/people.ts'
import { checkScenarios } from '../../runner/scenarios/format/check-scenarios.ts'
import { readScenarios, scenarioPath } from '../../runner/scenarios/format/read-scenarios.ts'
import { makeSuite } from '../../runner/scenarios/suite.ts'
import type { Suite } from '../../runner/scenarios/suite.ts'

const root = join(import.meta.dirname, '../..')
const content = join(root, 'content/runbooks')

/** The runbooks of this repository, each with its scenarios. Throws where one has none, or they do not fit. */
export async function shippedSuites(): Promise<Suite[]> {
  const kinds = makeKinds()
  const holders = readPeople(join(root, 'content/people.yaml'))?.people.holders ?? {}
  const withPeople = async (plan: Plan): Promise<Plan> => ({ ...plan, people: { ...holders } })
  return Promise.all(
    listEntries(content).map(async (entry) => {
      const { runbook } = await readEntry(entry, root, kinds, openCache({ RUNBOOK_CACHE: 'off' }))
      if (!runbook) throw new Error(`${entry.slug} has errors`)
      const file = scenarioPath(entry.path)
      const read = readScenarios(readFileSync(file, 'utf8'), file)
      const findings = Array.isArray(read) ? read : checkScenarios(read, runbook)
      if (Array.isArray(read) || findings.length > 0)
        throw new Error(findings.map(({ place, message }) => `${file}:${place.line} ${message}`).join('\n'))
      return makeSuite(runbook, read.file, kinds, withPeople)
    }),
  )
}
