import { defineCommand } from '../../../kit/command.ts'
import { fleetArgs, neededReason } from '../../shared/options.ts'

export const fleetStop = defineCommand({
  name: 'fleet stop',
  summary: 'Let nothing new of an order over targets start. Runs under way go on.',
  args: fleetArgs,
  options: { reason: neededReason },
  effect: 'write',
  examples: [
    'runbook fleet stop fleet-20261130-081502-patch-server-k3f9 --reason "errors on the new version"',
  ],
  load: async () => ({ run: (await import('../decide-fleet.ts')).deciding('stop') }),
})
