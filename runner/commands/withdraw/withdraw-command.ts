import type { CommandReport } from '../../kit/command.ts'
import { CliError } from '../../kit/error.ts'
import { exit } from '../../kit/exit.ts'
import type { Io } from '../../kit/io.ts'
import type { Config } from '../../config.ts'
import type { TeamPort, TeamRun } from '../../team/port.ts'
import { identify } from '../shared/people/identify.ts'
import { openTeamOf } from '../shared/team/open-team.ts'
import { stopDoubt } from '../shared/team/service.ts'
import { wordsOf } from '../shared/team/team-words.ts'
import { openWorkspace } from '../shared/workspace.ts'
import type { Request } from './index.ts'

export async function run({ io, args, dryRun }: Request): Promise<CommandReport> {
  const config = await openWorkspace(io)
  const port = await openTeamOf(config)
  try {
    const [row] = await port.runs({ run: args.run })
    if (row === undefined)
      throw new CliError(exit.usage, `The team has no run \`${args.run}\``, 'See `runbook orders`.')
    refuseStarted(row)
    await refusePart(row, port)
    await refuseService(row, config, io)
    const { run: id, slug } = row
    if (dryRun) return { document: { run: id, slug, dryRun }, text: `would withdraw ${id}` }
    if (!(await port.withdraw(id)))
      throw new CliError(
        exit.failed,
        `A runner has taken \`${id}\` meanwhile; nothing was changed`,
        'See `runbook orders`.',
      )
    return { document: { run: id, slug, withdrawn: true }, text: `withdrew ${id}; no step of it ran` }
  } finally {
    await port.close()
  }
}

/** Refuses a run of an order over many targets, which its own acts stop. */
async function refusePart({ run: id }: TeamRun, port: TeamPort): Promise<void> {
  const [alone] = await port.runs({ run: id, alone: true })
  if (alone === undefined)
    throw new CliError(
      exit.usage,
      `\`${id}\` is part of an order over many targets; nothing was changed`,
      'Stop all of it with `runbook fleet stop`; `runbook orders` has its name.',
    )
}

/** Refuses an order that does not wait any more. */
function refuseStarted(row: TeamRun): void {
  if (row.state === 'queued') return
  throw new CliError(
    exit.failed,
    `The order does not wait for a runner; nothing was changed: ${wordsOf(row)}`,
    row.state === 'owned'
      ? 'Stop the run on its page at the hub, or with Ctrl-C where it runs.'
      : 'See `runbook orders --all`.',
  )
}

async function refuseService({ slug, statement }: TeamRun, config: Config, io: Io): Promise<void> {
  const { actor } = await identify(config, io, 'withdraw')
  const doubt = stopDoubt(config, actor.id, { slug, statement })
  if (doubt !== undefined)
    throw new CliError(exit.failed, `${doubt}; nothing was changed`, 'Ask a person of the team.')
}
