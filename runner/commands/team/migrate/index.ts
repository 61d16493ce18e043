import { defineCommand, many, optional } from '../../../kit/command.ts'
import type { Call } from '../../../kit/command.ts'
import { string } from '../../../kit/types.ts'

const args = {}

const options = {
  url: optional(
    string('url'),
    'Address of the database, as its owner. Default: the variable that `team.database` names.',
  ),
  runner: many(string('name'), 'Make the role `runbook_runner_<name>`, without a password.'),
}

export type Request = Call<typeof args, typeof options>

export const teamMigrate = defineCommand({
  name: 'team migrate',
  summary: "Make or extend the tables, functions and roles of the team's database.",
  args,
  options,
  effect: 'write',
  dryRun: 'Name what would be made. Nothing is read or written.',
  examples: ['runbook team migrate', 'runbook team migrate --runner prod-eu-1 --runner prod-eu-2'],
  load: () => import('./team-migrate-command.ts'),
})
