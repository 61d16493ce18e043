import { showSteps, stepsLeft } from '../exec/left.ts'
import { resumeRun } from '../../engine/runs.ts'
import { readRun } from '../../journal/store.ts'
import type { Request } from './index.ts'
import { confirmDocument } from './changed.ts'
import { driveRun } from '../exec/drive.ts'
import { CliError } from '../../kit/error.ts'
import { exit } from '../../kit/exit.ts'
import { secretsAgain } from '../shared/inputs.ts'
import { sayHead } from '../shared/values.ts'
import { readSelection } from '../exec/selected.ts'
import { findRun, openWorkspace } from '../shared/workspace.ts'
import { refuseToResume } from '../shared/approvers.ts'
import { requireAll } from '../exec/require.ts'

export async function run({ io, args, options, dryRun }: Request): Promise<number> {
  const config = await openWorkspace(io)
  const id = findRun(config, args.run)
  const stored = readRun(config.state, id)
  if (
    stored.state.endedAt !== undefined &&
    !['failed', 'stopped', 'rollback-failed'].includes(stored.state.status)
  ) {
    throw new CliError(
      exit.usage,
      `The run ${id} has ended: ${stored.state.status}`,
      `Start another with \`runbook exec ${stored.plan.slug}\`.`,
    )
  }
  const note = confirmDocument(stored, options.frozenPlan, io)
  const selection = readSelection(options)
  if (dryRun) {
    showSteps('run', stored, stepsLeft(stored), io)
    return exit.done
  }
  const secrets = await secretsAgain(stored.plan, options.input, io)
  await requireAll(stored.plan, io)
  await refuseToResume(stored, config, io)
  if (!io.json) sayHead(stored.plan, `resuming ${id}`, io)
  const { plan, state } = stored
  return driveRun({ config, io, options }, { plan, secrets, outputs: state.outputs }, (driver) =>
    resumeRun(id, driver, { selection, note }),
  )
}
