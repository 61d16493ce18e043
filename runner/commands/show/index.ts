import { defineCommand, optional, required } from '../../kit/command.ts'
import type { Call } from '../../kit/command.ts'
import { runbookName, stepId } from '../shared/options.ts'

const args = { runbook: required(runbookName), step: optional(stepId) }

const options = {}

export type Request = Call<typeof args, typeof options>

export const show = defineCommand({
  name: 'show',
  summary: 'Read a runbook in the terminal.',
  args,
  options,
  effect: 'read',
  examples: ['runbook show release-checklist', 'runbook show release-checklist tag'],
  load: () => import('./show-command.ts'),
})
