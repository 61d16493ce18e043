import { defineCommand } from '../../kit/command.ts'
import type { Call } from '../../kit/command.ts'
import { neededReason, replaceDecision, runAndStep } from '../shared/options.ts'

const args = runAndStep

const options = { reason: neededReason, force: replaceDecision }

export type Request = Call<typeof args, typeof options>

export const reject = defineCommand({
  name: 'reject',
  summary: 'Reject a step that waits for approval; the run stops.',
  args,
  options,
  effect: 'write',
  examples: ['runbook reject last go --reason "error rate too high"'],
  load: () => import('./reject-command.ts'),
})
