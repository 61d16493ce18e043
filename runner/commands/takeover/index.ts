import { defineCommand, flag, required } from '../../kit/command.ts'
import type { Call } from '../../kit/command.ts'
import { string } from '../../kit/types.ts'
import { neededReason } from '../shared/options.ts'

const args = { run: required(string('run')) }

const options = {
  to: required(string('runner'), 'The runner that goes on with it.'),
  reason: neededReason,
  force: flag(
    'Also from a runner that is alive, or that goes on without the database. Make sure that it is off.',
  ),
}

export type Request = Call<typeof args, typeof options>

export const takeover = defineCommand({
  name: 'takeover',
  summary: 'Let another runner go on with a run whose machine is gone. You become one who ran it.',
  args,
  options,
  effect: 'write',
  examples: [
    'runbook takeover 20261121-081502-release-checklist-k3f9 --to prod-eu-2 --reason "prod-eu-1 is gone"',
  ],
  load: () => import('./takeover-command.ts'),
})
