import { defineCommand } from '../../kit/command.ts'
import type { Call } from '../../kit/command.ts'

const args = {}

const options = {}

export type Request = Call<typeof args, typeof options>

export const list = defineCommand({
  name: 'list',
  summary: 'List the runbooks.',
  args,
  options,
  effect: 'read',
  examples: ['runbook list', 'runbook list --json'],
  load: () => import('./list-command.ts'),
})
