import { defineCommand, flag } from '../../kit/command.ts'
import type { Call } from '../../kit/command.ts'
import { reason, replaceDecision, runAndStep } from '../shared/options.ts'

const args = runAndStep

const options = {
  reason,
  yes: flag('Approve what is shown without being asked; needed where there is no terminal.', 'y'),
  force: replaceDecision,
}

export type Request = Call<typeof args, typeof options>

export const approve = defineCommand({
  name: 'approve',
  summary: 'Approve a step that waits for approval.',
  args,
  options,
  effect: 'write',
  examples: ['runbook approve last go'],
  load: () => import('./approve-command.ts'),
})
