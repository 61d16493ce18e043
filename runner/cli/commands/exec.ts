import { preflight } from '../../engine/preflight.ts'
import { startRun } from '../../engine/runs.ts'
import type { Plan } from '../../model/plan.ts'
import type { Call } from '../command.ts'
import { texts } from '../command.ts'
import { driveSession } from '../drive.ts'
import { CliError } from '../error.ts'
import { exit } from '../exit.ts'
import { refuseLeaks } from '../inputs.ts'
import type { Io } from '../io.ts'
import { readSelection } from '../selected.ts'
import { version } from '../version.ts'
import { openRunbook, openWorkspace } from '../workspace.ts'
import { planFor, showPlan } from './plan.ts'

export async function run({ io, positionals, options }: Call): Promise<number> {
  const config = await openWorkspace(io)
  const { runbook, document } = await openRunbook(config, positionals[0] ?? '', io)
  const { plan, secrets } = await planFor(config, runbook, texts(options, 'input'), io)
  if (options['dry-run'] === true) {
    await showPlan(plan, io)
    return exit.done
  }
  refuseLeaks(plan, document, secrets)
  const selection = readSelection(options)
  await requireAll(plan, io)
  if (!io.json)
    io.note(`${io.style('bold', plan.title)}  ${io.style('dim', `${plan.slug} ${plan.sha256.slice(0, 12)}`)}`)
  return driveSession(config, plan, secrets, io, options, (session) =>
    startRun({ plan, document, cwd: io.cwd, version, selection }, session),
  )
}

/** All that is missing is named at once, before the first effect. */
export async function requireAll(plan: Plan, io: Io): Promise<void> {
  const missing = (await preflight(plan, io.cwd, io.env)).filter(({ ok }) => !ok)
  if (missing.length === 0) return
  const list = missing.map(({ what, found }) => `${what} (${found})`).join(', ')
  throw new CliError(
    exit.failed,
    `Not everything is there: ${list}; nothing was run`,
    missing.map(({ remedy }) => remedy).join(' '),
  )
}
