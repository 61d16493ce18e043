import { showSteps, stepsLeft } from '../exec/steps-left.ts'
import { resumeRun } from '../../engine/runs.ts'
import { identify } from '../shared/people/identify.ts'
import { readRun } from '../../journal/record/run-store.ts'
import type { StoredRun } from '../../journal/record/run-store.ts'
import type { Config } from '../../config.ts'
import type { Io } from '../../kit/io.ts'
import { complete } from '../shared/evidence/complete-seal.ts'
import type { Request } from './index.ts'
import { confirmDocument } from './changed.ts'
import { driveRun } from '../exec/driver.ts'
import { CliError } from '../../kit/error.ts'
import { exit } from '../../kit/exit.ts'
import { gatherSecrets } from '../shared/plan/gather-secrets.ts'
import { sayHead } from '../shared/value-lines.ts'
import { readSelection } from '../exec/read-selection.ts'
import { execCommand } from '../shared/exec-line.ts'
import { findRun, openWorkspace } from '../shared/workspace.ts'
import { refuseToResume } from '../shared/people/plan-people.ts'
import { requireAll } from '../exec/require-all.ts'
import { withDotenv } from '../exec/dotenv.ts'

export async function run({ io: shell, args, options, dryRun }: Request): Promise<number> {
  const config = await openWorkspace(shell)
  const id = findRun(config, args.run)
  const stored = readRun(config.state, id)
  const io = withDotenv(shell, options.dotenv, stored.plan)
  const over =
    stored.state.endedAt !== undefined &&
    !['failed', 'stopped', 'rollback-failed'].includes(stored.state.status)
  if (over) return sealed(stored, config, dryRun, io)
  const note = confirmDocument(stored, options.frozenPlan, io)
  const selection = readSelection(options)
  if (dryRun) {
    showSteps('run', stored, stepsLeft(stored), io)
    return exit.done
  }
  const secrets = await gatherSecrets(stored.plan, options.input, io)
  await requireAll(stored.plan, io)
  await refuseToResume(stored, config, io)
  if (!io.json) sayHead(stored.plan, `resuming ${id}`, io)
  const { plan, state } = stored
  const practice = state.practice === true
  const wanted = { plan, secrets, outputs: state.outputs, practice }
  return driveRun({ config, io, options }, wanted, (driver) => resumeRun(id, driver, { selection, note }))
}

/** A finished run is not resumed; a seal that a crash prevented is made. */
async function sealed(stored: StoredRun, config: Config, dryRun: boolean, io: Io): Promise<number> {
  const { run: id, status } = stored.state
  const { actor } = await identify(config, io, 'runner')
  const made = dryRun ? 'nothing' : complete(stored, config, actor, io).made
  if (made === 'nothing')
    throw new CliError(
      exit.usage,
      `The run ${id} has ended: ${status}`,
      `Start another with \`${execCommand(stored.plan.slug, stored.plan.inputs, stored.plan.secrets)}\`.`,
    )
  const words = made === 'line' ? 'is entered into the index of runs' : 'is sealed'
  io.note(`The run ${id} had ended: ${status}. A crash came before its seal; it ${words}.`)
  return status === 'succeeded' ? exit.done : exit.failed
}
