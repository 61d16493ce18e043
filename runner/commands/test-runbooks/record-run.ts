import type { Config } from '../../config.ts'
import { startWithin } from '../../journal/record/folder.ts'
import { readRun } from '../../journal/record/run-store.ts'
import { writeScenarios } from '../../scenarios/draft/write-scenarios.ts'
import { endings } from '../../scenarios/format/scenario-schema.ts'
import { recordScenario } from '../../scenarios/record-scenario.ts'
import { CliError } from '../../kit/error.ts'
import { exit } from '../../kit/exit.ts'
import type { Io } from '../../kit/io.ts'
import { findRun } from '../shared/workspace.ts'

/** Longest output of a script that a scenario takes over, in bytes. */
const mostOutput = 4096

/** Prints a file with one scenario made of a real run. */
export function recordRun(config: Config, name: string, io: Io): number {
  const { plan, events, state, folder } = readRun(config.state, findRun(config, name))
  if (!endings.some((ending) => ending === state.status))
    throw new CliError(
      exit.usage,
      `The run ${state.run} is ${state.status}: it has no end that a scenario can expect`,
      `See \`${io.program} log ${state.run}\`.`,
    )
  const { situation, scenario } = recordScenario({
    plan,
    events,
    status: state.status,
    text: (file) => startWithin(folder, file, mostOutput)?.toString('utf8') ?? '',
  })
  const comments = [
    `Made of the run ${state.run} of ${state.slug}. Secrets are left out, and so is output that no \`expect\` reads.`,
  ]
  io.out(writeScenarios(situation, [scenario], comments).trimEnd())
  return exit.done
}
