import { defineCommand } from '../../kit/command.ts'
import type { Call } from '../../kit/command.ts'
import { deciding, decisionArgs, neededReason } from '../shared/options.ts'

const args = decisionArgs

const options = { reason: neededReason, ...deciding }

export type Request = Call<typeof args, typeof options>

export const reject = defineCommand({
  name: 'reject',
  summary: 'Reject a step that waits for approval, here or from a file of `runbook request`; the run stops.',
  args,
  options,
  effect: 'write',
  examples: [
    'runbook reject last go --reason "error rate too high"',
    'runbook reject go.request --reason "not today"',
  ],
  load: () => import('./reject-command.ts'),
})
