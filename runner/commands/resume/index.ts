import { defineCommand, flag, required } from '../../kit/command.ts'
import type { Call } from '../../kit/command.ts'
import { agent, choosing, driving, runName, secret } from '../shared/options.ts'

const args = { run: required(runName) }

const options = {
  input: secret,
  ...driving,
  ...agent,
  ...choosing,
  frozenPlan: flag('Continue with the recorded plan, although the document has changed.'),
}

export type Request = Call<typeof args, typeof options>

export const resume = defineCommand({
  name: 'resume',
  summary: 'Resume a run where it stopped.',
  args,
  options,
  effect: 'write',
  dryRun:
    'Print the steps that are left. Neither `when` nor `done` is evaluated: a step may still be skipped.',
  events: true,
  examples: ['runbook resume last', 'runbook resume 20261121-081502-release-checklist-k3f9'],
  load: () => import('./resume-command.ts'),
})
