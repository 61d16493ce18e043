import { defineCommand, flag, required } from '../../kit/command.ts'
import type { Call } from '../../kit/command.ts'
import { runName } from '../shared/options.ts'

const args = { run: required(runName) }

const options = {
  browser: flag('Sign with a passkey, on a page that this machine serves once. For the second person.'),
  yes: flag('Close what is shown without being asked. A second person without a terminal needs it.', 'y'),
}

export type Request = Call<typeof args, typeof options>

export const close = defineCommand({
  name: 'close',
  summary: 'Sign a finished run as the second person; its operator seals a run that a crash left unsealed.',
  args,
  options,
  effect: 'write',
  examples: ['runbook close last', 'runbook close last --browser', 'runbook close last --yes'],
  load: () => import('./close-command.ts'),
})
