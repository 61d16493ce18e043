import { defineCommand, flag } from '../../kit/command.ts'
import type { Call } from '../../kit/command.ts'

const args = {}

const options = { all: flag('Runs that have ended, too.') }

export type Request = Call<typeof args, typeof options>

export const orders = defineCommand({
  name: 'orders',
  summary: 'List the orders and runs of the team: who has them, and why a runner did not take one.',
  args,
  options,
  effect: 'read',
  examples: ['runbook orders', 'runbook orders --all --json'],
  load: () => import('./orders-command.ts'),
})
