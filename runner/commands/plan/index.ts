import { defineCommand, required } from '../../kit/command.ts'
import type { Call } from '../../kit/command.ts'
import { input, runbookName } from '../shared/options.ts'

const args = { runbook: required(runbookName) }

const options = { input }

export type Request = Call<typeof args, typeof options>

export const plan = defineCommand({
  name: 'plan',
  summary: 'Show what a run would do, and change nothing.',
  args,
  options,
  effect: 'read',
  examples: ['runbook plan release-checklist -i version=1.4.0'],
  load: () => import('./plan-command.ts'),
})
