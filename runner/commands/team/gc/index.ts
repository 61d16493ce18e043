import { defineCommand, optional } from '../../../kit/command.ts'
import type { Call } from '../../../kit/command.ts'
import { duration, filePath } from '../../../kit/types.ts'

const args = {}

const options = {
  archive: optional(
    filePath('folder'),
    'The folder that has, or gets, a copy of each run before it is removed. Needed without --dry-run.',
  ),
  olderThan: optional(duration(), 'Keep runs longer than the retention (90d unless configured).'),
}

export type Request = Call<typeof args, typeof options>

export const teamGc = defineCommand({
  name: 'team gc',
  summary: "Remove runs past their retention from the team's database, each after its copy was verified.",
  args,
  options,
  effect: 'write',
  examples: ['runbook team gc --dry-run', 'runbook team gc --archive /srv/runs --older-than 365d'],
  load: () => import('./team-gc-command.ts'),
})
