import { defineCommand, many } from '../../../kit/command.ts'
import { string } from '../../../kit/types.ts'
import { fleetArgs, neededReason } from '../../shared/options.ts'

export const fleetUndo = defineCommand({
  name: 'fleet undo',
  summary: 'Roll back each target that an order has changed, the last wave first. Nothing new starts.',
  args: fleetArgs,
  options: {
    reason: neededReason,
    target: many(string('name'), 'Roll back this target only, even where a later run has changed it.'),
  },
  effect: 'write',
  examples: [
    'runbook fleet undo fleet-20261130-081502-patch-server-k3f9 --reason "errors on the new version"',
  ],
  load: async () => ({ run: (await import('../decide-fleet.ts')).deciding('undo') }),
})
