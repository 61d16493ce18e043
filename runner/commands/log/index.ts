import { defineCommand, optional, required } from '../../kit/command.ts'
import type { Call } from '../../kit/command.ts'
import { ofTeam, runName, stepId } from '../shared/options.ts'

const args = { run: required(runName), step: optional(stepId) }

const options = { team: ofTeam }

export type Request = Call<typeof args, typeof options>

export const log = defineCommand({
  name: 'log',
  summary: 'Show the story of a run: people, times, outcomes, output.',
  args,
  options,
  effect: 'read',
  examples: ['runbook log last', 'runbook log last tag', 'runbook log last --json'],
  load: () => import('./log-command.ts'),
})
