import { existsSync, readFileSync } from 'node:fs'
import type { Config } from '../../config.ts'
import type { LibraryEntry } from '../../library.ts'
import { orThrow } from '../../model/problem.ts'
import { draftScenarios } from '../../scenarios/draft/draft.ts'
import { writeScenarios } from '../../scenarios/draft/write-scenarios.ts'
import type { SituationSource } from '../../scenarios/draft/scenario-source.ts'
import { fieldsIn, scenarioPath } from '../../scenarios/format/read-scenarios.ts'
import { CliError } from '../../kit/error.ts'
import { exit } from '../../kit/exit.ts'
import type { Io } from '../../kit/io.ts'
import { readTested, suiteWorld } from './scenario-files.ts'
import { openRunbook } from '../shared/workspace.ts'

const comments = [
  'Written by `runbook test --init`: each scenario says what the runbook did, not what it should do.',
  'Read each one, correct what is wrong, and delete these two lines.',
]

/** Prints a first file of scenarios; what a file that is there already shares is taken from it. */
export async function draftFile(config: Config, entries: readonly LibraryEntry[], io: Io): Promise<number> {
  const [entry] = entries
  if (!entry || entries.length > 1)
    throw new CliError(exit.usage, 'Missing <runbook>', 'Name the runbook that --init drafts scenarios for.')
  const { runbook } = await openRunbook(config, entry.path, io)
  const path = scenarioPath(entry.path)
  // An empty file is one that the shell has just made for the output of this call.
  const text = existsSync(path) ? readFileSync(path, 'utf8').trim() : ''
  if (text !== '') await readTested(config, entries, io)
  const shared = text === '' ? undefined : situationIn(text)
  const drafted = await draftScenarios(runbook, suiteWorld(config, io), shared)
  const { situation, scenarios } = orThrow(drafted, exit.usage)
  io.out(writeScenarios(situation, scenarios, comments).trimEnd())
  return exit.done
}

/** The situation that the scenarios of a file share. */
function situationIn(text: string): SituationSource {
  const { scenarios: _, ...rest } = fieldsIn(text)
  return { inputs: {}, steps: {}, ...rest }
}
