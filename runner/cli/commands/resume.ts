import { staySmall } from '../../engine/memory.ts'
import { resumeRun } from '../../engine/runs.ts'
import { readRun } from '../../journal/store.ts'
import type { Call } from '../command.ts'
import { texts } from '../command.ts'
import { confirmDocument } from '../changed.ts'
import { driveSession } from '../drive.ts'
import { CliError } from '../error.ts'
import { exit } from '../exit.ts'
import { secretsAgain } from '../inputs.ts'
import { printable } from '../io.ts'
import { readSelection } from '../selected.ts'
import { findRun, openWorkspace } from '../workspace.ts'
import { refuseToResume } from '../approvers.ts'
import { requireAll } from '../require.ts'

export async function run({ io, positionals, options }: Call): Promise<number> {
  staySmall()
  const config = await openWorkspace(io)
  const id = findRun(config, positionals[0] ?? '')
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
  const note = confirmDocument(stored, options['frozen-plan'] === true, io)
  const selection = readSelection(options)
  const secrets = secretsAgain(stored.plan, texts(options, 'input'), io)
  await requireAll(stored.plan, io)
  await refuseToResume(stored, config, io)
  if (!io.json)
    io.note(`${io.style('bold', printable(stored.plan.title))}  ${io.style('dim', `resuming ${id}`)}`)
  return driveSession(config, stored.plan, secrets, io, options, (session) =>
    resumeRun(id, session, { selection, note }),
  )
}
