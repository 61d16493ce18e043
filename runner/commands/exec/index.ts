import { defineCommand, flag, optional } from '../../kit/command.ts'
import type { Call } from '../../kit/command.ts'
import { string } from '../../kit/types.ts'
import { choosing, driving, input, runbookName } from '../shared/options.ts'

const args = { runbook: optional(runbookName, '', { form: 'runbook or link' }) }

const options = {
  input,
  alert: optional(
    string('file|-|fingerprint'),
    'Read runbook, step and values from an Alertmanager webhook, or from an alert that `alerts serve` received.',
  ),
  fingerprint: optional(
    string('hex'),
    'With --alert: selects one of several alerts, by a prefix of its fingerprint.',
  ),
  ...driving,
  ...choosing,
  emergency: optional(
    string('reason'),
    'Go past a run that holds the key and only waits for a person; why, recorded in both runs.',
  ),
  serve: flag(
    'Print an address where the same run is followed and answered in a browser. Needs the built site.',
  ),
  practice: flag('Mark the run as practice. Its steps still run.'),
}

export type Request = Call<typeof args, typeof options>

export const exec = defineCommand({
  name: 'exec',
  summary: 'Run a runbook, step by step, by its name, by the link of an alert, or by an alert.',
  args,
  options,
  effect: 'write',
  dryRun: 'Print the plan and the output of `dry` fences. No step and no `done` fence runs.',
  events: true,
  examples: [
    'runbook exec release-checklist -i version=1.4.0',
    'runbook exec release-checklist -i version=1.4.0 --dry-run',
    "runbook exec 'https://runbooks.example.com/runbooks/database/?service=api#locks'",
    'runbook exec --alert payload.json --fingerprint 3f2a',
  ],
  load: () => import('./exec-command.ts'),
})
