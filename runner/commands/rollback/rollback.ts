import { showSteps, stepsToUndo } from '../exec/left.ts'
import { resumeRun } from '../../engine/runs.ts'
import { readRun } from '../../journal/store.ts'
import type { Request } from './index.ts'
import { driveSession } from '../exec/drive.ts'
import { CliError } from '../../kit/error.ts'
import { exit } from '../../kit/exit.ts'
import { secretsAgain } from '../shared/inputs.ts'
import { printable } from '../../kit/io.ts'
import { findRun, openWorkspace } from '../shared/workspace.ts'

export async function run({ io, args, options, dryRun }: Request): Promise<number> {
  const config = await openWorkspace(io)
  const id = findRun(config, args.run)
  const stored = readRun(config.state, id)
  if (stored.state.status === 'rolled-back' && stored.state.offered.length === 0)
    throw new CliError(exit.usage, `The run ${id} is rolled back already`, `See \`runbook log ${id}\`.`)
  if (dryRun) {
    showSteps('undo', stored, stepsToUndo(stored), io)
    return exit.done
  }
  const secrets = await secretsAgain(stored.plan, options.input, io)
  const reason = options.reason ?? 'Asked for by the operator'
  if (!io.json)
    io.note(`${io.style('bold', printable(stored.plan.title))}  ${io.style('dim', `rolling back ${id}`)}`)
  const code = await driveSession(config, stored.plan, secrets, io, options, (session) =>
    resumeRun(id, session, { rollback: reason }),
  )
  // Here a finished rollback is what was asked for.
  return readRun(config.state, id).state.status === 'rolled-back' ? exit.done : code
}
