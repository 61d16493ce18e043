import { defineCommand } from '../../../kit/command.ts'
import type { Call } from '../../../kit/command.ts'

const args = {}

const options = {}

export type Request = Call<typeof args, typeof options>

export const teamDoctor = defineCommand({
  name: 'team doctor',
  summary:
    "Check the way to the team's database, its schema, the role of this machine, and its list of keys.",
  args,
  options,
  effect: 'read',
  examples: ['runbook team doctor'],
  load: () => import('./team-doctor-command.ts'),
})
