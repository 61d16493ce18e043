import { defineCommand, optional } from '../../kit/command.ts'
import type { Call } from '../../kit/command.ts'
import { input, runbookName } from '../shared/options.ts'

const args = { runbook: optional(runbookName) }

const options = { input }

export type Request = Call<typeof args, typeof options>

export const doctor = defineCommand({
  name: 'doctor',
  summary: 'Check the requirements of a runbook, and leftovers of earlier runs. Runs nothing.',
  args,
  options,
  effect: 'read',
  examples: ['runbook doctor', 'runbook doctor release-checklist'],
  load: () => import('./doctor-command.ts'),
})
