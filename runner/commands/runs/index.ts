import { defineCommand } from '../../kit/command.ts'
import type { Call } from '../../kit/command.ts'
import { ofTeam } from '../shared/options.ts'

const args = {}

const options = { team: ofTeam }

export type Request = Call<typeof args, typeof options>

export const runs = defineCommand({
  name: 'runs',
  summary: 'List the runs, newest first.',
  args,
  options,
  effect: 'read',
  examples: ['runbook runs', 'runbook runs --json'],
  load: () => import('./runs-command.ts'),
})
