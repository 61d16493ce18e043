import { defineCommand, required } from '../../../kit/command.ts'
import type { Call } from '../../../kit/command.ts'
import { string } from '../../../kit/types.ts'

const args = {}

const options = {
  reason: required(string('text'), 'The comparison and the decision; recorded.'),
}

export type Request = Call<typeof args, typeof options>

export const teamRestored = defineCommand({
  name: 'team restored',
  summary: "Let runners go on after the team's database was restored from a backup.",
  args,
  options,
  effect: 'write',
  examples: ['runbook team restored --reason "no run was on another machine"'],
  load: () => import('./team-restored-command.ts'),
})
