import { readStoredAlert, writeStoredAlert } from '../../alerts/alert-store.ts'
import type { Config } from '../../config.ts'
import { startRun } from '../../engine/runs.ts'
import type { Selection } from '../../engine/plan/selection.ts'
import type { Driver } from '../../engine/run.ts'
import type { Plan } from '../../model/plan.ts'
import type { Request } from './index.ts'
import { driveRun } from './driver.ts'
import type { DryOptions } from '../../engine/plan/dry.ts'
import { printable } from '../../kit/io.ts'
import { sayHead } from '../shared/value-lines.ts'
import type { Io } from '../../kit/io.ts'
import { exit } from '../../kit/exit.ts'
import { refuseLeaks } from '../shared/plan/refuse-leaks.ts'
import { withDotenv } from './dotenv.ts'
import { requireAll } from './require-all.ts'
import { plannedRun } from './planned-run.ts'
import { readSelection } from './read-selection.ts'
import { version } from '../../kit/version.ts'
import { refuseToStart, refuseWithin } from '../shared/people/plan-people.ts'
import { readWanted } from './requested-run.ts'
import type { Wanted } from './requested-run.ts'
import { openRunbook, openWorkspace } from '../shared/workspace.ts'
import { planFor } from '../shared/plan/plan-for.ts'

/** Plans the run a call of `exec` asks for, and drives it; `ready` is what must be known before it starts. */
export async function execute(call: Request, ready: Promise<void>): Promise<number> {
  const { io: shell, options, dryRun } = call
  const config = await openWorkspace(shell)
  const wanted = await readWanted(call, config)
  const { runbook, document } = await openRunbook(config, wanted.name, shell)
  const { plan, secrets } = await planFor(config, runbook, options.input, shell, wanted.prefilled)
  const io = withDotenv(shell, options.dotenv, plan)
  if (dryRun) {
    const { showPlan } = await import('../plan/plan-command.ts')
    await showPlan(plan, config, io)
    if (!io.json) await showDryOutput({ plan, cwd: io.cwd, env: io.env, secrets }, io)
    return exit.done
  }
  const run = plannedRun(options.asPlanned, plan, config)
  refuseLeaks(plan, document, secrets)
  const selection = readSelection(options) ?? selectionOf(wanted, plan)
  await requireAll(plan, io)
  await ready
  const { practice } = options
  await refuseWithin(runbook, practice, config, io)
  await refuseToStart(plan, practice, config, io)
  if (!io.json) sayHead(plan, `${plan.slug} ${plan.sha256.slice(0, 12)}${practice ? ', practice' : ''}`, io)
  const followed = options.serve ? await (await import('./followed.ts')).followedAt(config, io) : undefined
  try {
    return await driveRun({ config, io, options }, { plan, secrets, practice }, (driver) =>
      startRun(
        {
          plan,
          document,
          cwd: io.cwd,
          version,
          selection,
          practice,
          emergency: options.emergency,
          ...(run === undefined ? {} : { run }),
          ...(wanted.alert ? { alert: wanted.alert } : {}),
        },
        {
          ...driver,
          onEvent: followed?.follows(takenUp(wanted, config, driver)) ?? takenUp(wanted, config, driver),
        },
      ),
    )
  } finally {
    await followed?.close()
  }
}

/** The step a link opens is where its run begins; what guards that step still stands before it. */
function selectionOf({ from, alert }: Wanted, plan: Plan): Selection | undefined {
  if (from === undefined || plan.steps[0]?.id === from) return undefined
  return {
    from,
    only: [],
    skip: [],
    reason: alert ? `the alert ${alert.name} leads there` : 'the link leads there',
  }
}

/** The first event of the run says that somebody has taken the alert up. */
function takenUp({ alert }: Wanted, config: Config, driver: Driver): Driver['onEvent'] {
  return (event, line, synced) => {
    if (alert && event.type === 'run-started') {
      const stored = readStoredAlert(config.state, alert.fingerprint)
      const taken = { run: event.run, by: driver.actor.id, at: event.ts }
      if (stored) writeStoredAlert(config.state, { ...stored, taken })
    }
    driver.onEvent(event, line, synced)
  }
}

/** The dry output of the steps that have one. */
async function showDryOutput(options: DryOptions, io: Io): Promise<void> {
  const steps = options.plan.steps.filter(({ fences }) => fences.some(({ role }) => role === 'dry'))
  if (steps.length === 0) return
  const { dryOutput } = await import('../../engine/plan/dry.ts')
  for (const step of steps) {
    const printed = (await dryOutput(step, options)) ?? ''
    io.out(`\n  ${io.style('bold', printable(step.title))} ${io.style('dim', `#${step.id}, dry run`)}`)
    for (const line of printable(printed.trimEnd()).split('\n')) io.out(`  │ ${line}`)
  }
}
