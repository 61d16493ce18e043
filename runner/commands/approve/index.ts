import { defineCommand, flag } from '../../kit/command.ts'
import type { Call } from '../../kit/command.ts'
import { deciding, decisionArgs, reason } from '../shared/options.ts'

const args = decisionArgs

const options = {
  reason,
  yes: flag('Approve what is shown without being asked; needed where there is no terminal.', 'y'),
  ...deciding,
}

export type Request = Call<typeof args, typeof options>

export const approve = defineCommand({
  name: 'approve',
  summary: 'Approve a step that waits for approval, here or from a file of `runbook request`.',
  args,
  options,
  effect: 'write',
  examples: [
    'runbook approve last go',
    'runbook approve last go --browser',
    'runbook approve go.request -o go.answer',
  ],
  load: () => import('./approve-command.ts'),
})
