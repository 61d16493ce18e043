import type { Config } from '../../../config.ts'
import type { Driver } from '../../../engine/run.ts'
import type { TeamPort } from '../../../team/port.ts'
import { CliError } from '../../../kit/error.ts'
import { exit } from '../../../kit/exit.ts'
import type { Io } from '../../../kit/io.ts'

/** The address of the team's database. Throws CliError where no team is configured, or the variable is not set. */
export function databaseOf({ team }: Config): string {
  if (team === undefined)
    throw new CliError(
      exit.usage,
      'runbook.config.ts has no `team`',
      "Add `team: { database: 'env:RUNBOOK_DATABASE_URL' }`; the guide has a page about team mode.",
    )
  if (team.database === undefined)
    throw new CliError(
      exit.usage,
      `The variable \`${team.variable}\` is not set, which has the address of the team's database`,
      'Set it, such as to `postgres://runbook_runner_prod-eu-1@db.example.com/runbook?sslmode=verify-full`.',
    )
  return team.database
}

/** The team's database: loaded only by the calls that need it. The caller closes it. */
export async function openTeamOf(config: Config): Promise<TeamPort> {
  const database = databaseOf(config)
  const { openTeam } = await import('../../../team/database/postgres.ts')
  return openTeam(database, config.state)
}

/** How long the rest of a journal is tried to be stored when a call by hand ends, in milliseconds. */
const patienceMs = 10_000

type Joined = Pick<Driver, 'shared' | 'teamNote'> & AsyncDisposable

/** The part of a call by hand in the team: none without a team, and only a note when it is offline. */
export async function joinTeam(config: Config, io: Io, offline: boolean): Promise<Joined> {
  if (config.team === undefined) return { async [Symbol.asyncDispose]() {} }
  if (offline) {
    io.say('Offline: this machine alone holds the key. Make sure that no other machine runs this.')
    return { teamNote: { offline: true }, async [Symbol.asyncDispose]() {} }
  }
  const port = await openTeamOf(config)
  try {
    const [name, { openNotices }, { sharedRuns }] = await Promise.all([
      port.name(),
      import('../../../team/notices.ts'),
      import('../../../team/shared-runs.ts'),
    ])
    const notices = openNotices(port)
    const shared = sharedRuns({
      port,
      name,
      ships: 'later',
      notices,
      claimed: new Map(),
      patience: () => AbortSignal.timeout(patienceMs),
      onUnstored: (run, error) =>
        io.say(
          `Run ${run} is not whole in the team's database: ${error.message}. Call \`runbook team ship\`.`,
        ),
    })
    return {
      shared,
      async [Symbol.asyncDispose]() {
        notices.close()
        await port.close()
      },
    }
  } catch (error) {
    await port.close()
    throw error
  }
}
