import { defineCommand, flag, optional } from '../../kit/command.ts'
import type { Call } from '../../kit/command.ts'
import { string } from '../../kit/types.ts'

const args = {
  id: optional(
    string('order'),
    'One order; of one over many targets, each wave and each target with its run.',
  ),
}

const options = { all: flag('Runs that have ended, too.') }

export type Request = Call<typeof args, typeof options>

export const orders = defineCommand({
  name: 'orders',
  summary: 'List the orders and runs of the team: who has them, and why a runner did not take one.',
  args,
  options,
  effect: 'read',
  examples: [
    'runbook orders',
    'runbook orders --all --json',
    'runbook orders fleet-20261130-081502-patch-server-k3f9',
  ],
  load: () => import('./orders-command.ts'),
})
