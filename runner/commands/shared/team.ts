import type { Config } from '../../config.ts'
import type { TeamPort } from '../../team/port.ts'
import { CliError } from '../../kit/error.ts'
import { exit } from '../../kit/exit.ts'

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
  const { openTeam } = await import('../../team/database/postgres.ts')
  return openTeam(database, config.state)
}
