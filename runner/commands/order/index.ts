import { defineCommand, flag, optional, withDefault } from '../../kit/command.ts'
import type { Call } from '../../kit/command.ts'
import { duration, string } from '../../kit/types.ts'
import { input, runbookName, stepId } from '../shared/options.ts'

const args = { runbook: optional(runbookName, '', { form: 'runbook or link' }) }

const options = {
  input,
  on: optional(string('runner'), 'The runner that is to take it. Default: any.'),
  at: optional(string('time'), 'Not before this time, such as 2026-12-01T08:00:00Z.'),
  expires: withDefault(duration(), '24h', 'How long a runner may take it.'),
  from: optional(stepId, 'Begin at this step. Approvals and gates before it still hold.'),
  practice: flag('Mark the run as practice. Its steps still run.'),
  alert: optional(
    string('file|-|fingerprint'),
    'Read runbook, step and values from an alert: however often it is sent, it is one order.',
  ),
  fingerprint: optional(string('hex'), 'With --alert: selects one of several alerts.'),
  yes: flag('Order the run of an alert that is resolved.', 'y'),
  wait: flag('Wait until the run has ended.'),
}

export type Request = Call<typeof args, typeof options>

export const order = defineCommand({
  name: 'order',
  summary: 'Sign an order for a run, which a runner of the team takes.',
  args,
  options,
  effect: 'write',
  dryRun: 'Print the order that would be signed.',
  examples: [
    'runbook order release-checklist -i version=1.4.0',
    'runbook order release-checklist -i version=1.4.0 --on prod-eu-1 --at 2026-12-01T08:00:00Z',
    'runbook order --alert payload.json',
  ],
  load: () => import('./order-command.ts'),
})
