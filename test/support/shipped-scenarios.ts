import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { openCache } from '../../runner/cache.ts'
import { makeKinds } from '../../runner/kinds/index.ts'
import { listEntries, readEntry } from '../../runner/library.ts'
import type { LibraryEntry } from '../../runner/library.ts'
import { failure, success } from '../../runner/model/problem.ts'
import type { Runbook } from '../../runner/model/runbook.ts'
import { readPeople } from '../../runner/people.ts'
import { checkScenarios } from '../../runner/scenarios/format/check-scenarios.ts'
import type { ScenarioFile } from '../../runner/scenarios/format/scenario-schema.ts'
import { readScenarios, scenarioPath } from '../../runner/scenarios/format/read-scenarios.ts'
import { makeSuite } from '../../runner/scenarios/suite.ts'
import type { Suite, SuiteWorld } from '../../runner/scenarios/suite.ts'

const root = join(import.meta.dirname, '../..')
const content = join(root, 'content/runbooks')
const kinds = makeKinds()

/** The runbooks of this repository, each with its scenarios. Throws where one has none, or they do not fit. */
export async function shippedSuites(): Promise<Suite[]> {
  const holders = readPeople(join(root, 'content/people.yaml'))?.people.holders ?? {}
  const read = await Promise.all(listEntries(content).map(readShipped))
  const workspace: SuiteWorld = {
    kinds,
    withPeople: async (plan) => ({ ...plan, people: { ...holders } }),
    async other(slug) {
      const other = read.find(({ runbook }) => runbook.slug === slug)
      return other ? success(other) : failure(`There is no runbook \`${slug}\``)
    },
  }
  return Promise.all(read.map(({ runbook, file }) => makeSuite(runbook, file, workspace)))
}

async function readShipped(entry: LibraryEntry): Promise<{ runbook: Runbook; file: ScenarioFile }> {
  const { runbook } = await readEntry(entry, root, kinds, openCache({ RUNBOOK_CACHE: 'off' }))
  if (!runbook) throw new Error(`${entry.slug} has errors`)
  const file = scenarioPath(entry.path)
  const read = readScenarios(readFileSync(file, 'utf8'), file)
  const findings = Array.isArray(read) ? read : checkScenarios(read, runbook)
  if (Array.isArray(read) || findings.length > 0)
    throw new Error(findings.map(({ place, message }) => `${file}:${place.line} ${message}`).join('\n'))
  return { runbook, file: read.file }
}
