import { defineCommand } from '../../../kit/command.ts'
import { fleetArgs, reason } from '../../shared/options.ts'

export const fleetApprove = defineCommand({
  name: 'fleet approve',
  summary: 'Let the next wave of an order over targets begin, where its approvers have to.',
  args: fleetArgs,
  options: { reason },
  effect: 'write',
  examples: ['runbook fleet approve fleet-20261130-081502-patch-server-k3f9'],
  load: async () => ({ run: (await import('../decide-fleet.ts')).deciding('approve') }),
})
