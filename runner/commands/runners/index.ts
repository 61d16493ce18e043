import { defineCommand } from '../../kit/command.ts'
import type { Call } from '../../kit/command.ts'

const args = {}

const options = {}

export type Request = Call<typeof args, typeof options>

export const runners = defineCommand({
  name: 'runners',
  summary: 'List the runners of the team: whether each is alive, its commit, and how many runs it owns.',
  args,
  options,
  effect: 'read',
  examples: ['runbook runners'],
  load: () => import('./runners-command.ts'),
})
