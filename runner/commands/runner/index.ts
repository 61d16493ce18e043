import { defineCommand } from '../../kit/command.ts'
import type { Call } from '../../kit/command.ts'

const args = {}

const options = {}

export type Request = Call<typeof args, typeof options>

export const runner = defineCommand({
  name: 'runner',
  summary: 'Take orders of the team, and drive their runs on this machine until it is ended.',
  args,
  options,
  effect: 'serve',
  examples: ['runbook runner'],
  load: () => import('./runner-command.ts'),
})
