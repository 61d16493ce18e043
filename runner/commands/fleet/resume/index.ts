import { defineCommand } from '../../../kit/command.ts'
import { fleetArgs, neededReason } from '../../shared/options.ts'

export const fleetResume = defineCommand({
  name: 'fleet resume',
  summary: 'Go on with an order over targets that is stopped: its failures so far are accepted.',
  args: fleetArgs,
  options: { reason: neededReason },
  effect: 'write',
  examples: [
    'runbook fleet resume fleet-20261130-081502-patch-server-k3f9 --reason "two hosts were broken before"',
  ],
  load: async () => ({ run: (await import('../decide-fleet.ts')).deciding('resume') }),
})
