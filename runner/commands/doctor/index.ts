import { defineCommand, optional } from '../../kit/command.ts'
import type { Call } from '../../kit/command.ts'
import { input, runbookName } from '../shared/options.ts'

const args = { runbook: optional(runbookName) }

const options = { input }

export type Request = Call<typeof args, typeof options>

export const doctor = defineCommand({
  name: 'doctor',
  summary: 'Look at everything a runbook needs, and at what earlier runs left, without running anything.',
  args,
  options,
  effect: 'read',
  examples: ['runbook doctor', 'runbook doctor release-checklist'],
  load: () => import('./doctor.ts'),
})
