import { defineCommand } from '../../../kit/command.ts'
import type { Call } from '../../../kit/command.ts'

const args = {}

const options = {}

export type Request = Call<typeof args, typeof options>

export const schedulesServe = defineCommand({
  name: 'schedules serve',
  summary:
    'Order the runs of schedules when their moments come, as the service that RUNBOOK_ACTOR names. Any number of machines may.',
  args,
  options,
  effect: 'serve',
  events: true,
  examples: ['runbook schedules serve'],
  load: () => import('./schedules-serve-command.ts'),
})
