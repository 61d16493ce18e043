import { defineCommand, flag, optional, withDefault } from '../../kit/command.ts'
import type { Call } from '../../kit/command.ts'
import { duration, integer, string } from '../../kit/types.ts'
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
  wait: flag('Wait until the run has ended; with --targets, until each has, or nothing new starts.'),
  targets: optional(
    string('file|names'),
    'Order a run on each of many targets: of a .yaml or .csv file, or names with commas between.',
  ),
  as: optional(string('input'), 'With --targets: the input that gets the name of a target. Default: target.'),
  waves: optional(
    string('amounts'),
    'With --targets: how many each wave reaches with those before it, as numbers or shares of all. Default: 1,10%,50%,100%.',
  ),
  budget: optional(
    string('amount'),
    'With --targets: nothing new starts once so many failed, as a number or a share of all, which is rounded down to at least 1. Default: 1.',
  ),
  parallel: optional(
    integer(1, 10_000),
    'With --targets: most runs at once. Default: as many as the runners take.',
  ),
  pause: optional(
    duration(),
    'With --targets: time between the end of a wave and the next one. Default: none.',
  ),
  approvers: optional(
    string('roles'),
    'With --targets: roles or people, separated by commas; one of them approves each wave after the first. Default: none.',
  ),
}

export type Request = Call<typeof args, typeof options>

export const order = defineCommand({
  name: 'order',
  summary: 'Sign an order for a run, or for one on each of many targets, which runners of the team take.',
  args,
  options,
  effect: 'write',
  dryRun: 'Print the order that would be signed.',
  examples: [
    'runbook order release-checklist -i version=1.4.0',
    'runbook order release-checklist -i version=1.4.0 --on prod-eu-1 --at 2026-12-01T08:00:00Z',
    'runbook order --alert payload.json',
    'runbook order patch-server --targets servers.yaml --waves 1,10%,100% --budget 5% --dry-run',
  ],
  load: () => import('./order-command.ts'),
})
