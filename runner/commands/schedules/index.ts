import { defineCommand, flag } from '../../kit/command.ts'
import type { Call } from '../../kit/command.ts'

const args = {}

const options = {
  orders: flag('Print the order that the next moment of each would be. Nothing is signed or left.'),
}

export type Request = Call<typeof args, typeof options>

export const schedules = defineCommand({
  name: 'schedules',
  summary: 'List the schedules of the repository: their next moments, and their last runs in the team.',
  args,
  options,
  effect: 'read',
  examples: ['runbook schedules', 'runbook schedules --orders --json'],
  load: () => import('./schedules-command.ts'),
})
