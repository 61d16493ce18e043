import { defineCommand } from '../../../kit/command.ts'
import type { Call } from '../../../kit/command.ts'

const args = {}

const options = {}

export type Request = Call<typeof args, typeof options>

export const teamShip = defineCommand({
  name: 'team ship',
  summary: "Hand runs of this machine to the team's database: those made offline, and those cut short.",
  args,
  options,
  effect: 'write',
  examples: ['runbook team ship'],
  load: () => import('./team-ship-command.ts'),
})
