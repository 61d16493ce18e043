import { existsSync } from 'node:fs'
import { relative, sep } from 'node:path'
import type { Diagnostic } from '../model/diagnostic.ts'
import type { Runbook } from '../model/runbook.ts'
import { checkScenarios } from '../scenarios/format/check-scenarios.ts'
import { readScenarios, scenarioPath } from '../scenarios/format/read-scenarios.ts'
import { textOf } from '../regular-file.ts'

/** Findings of the file of scenarios beside a document, if there is one. `runbook`: undefined when it has errors. */
export function checkScenarioFile(path: string, runbook: Runbook | undefined, cwd: string): Diagnostic[] {
  const file = scenarioPath(path)
  if (!existsSync(file)) return []
  const read = readScenarios(textOf(file), relative(cwd, file).split(sep).join('/'))
  if (Array.isArray(read)) return read
  return runbook ? checkScenarios(read, runbook) : []
}
