import { defineCommand, withDefault } from '../../kit/command.ts'
import type { Call } from '../../kit/command.ts'
import { integer } from '../../kit/types.ts'

const args = {}

const options = { days: withDefault(integer(1, 36_500), '90', 'How many days back.') }

export type Request = Call<typeof args, typeof options>

export const stats = defineCommand({
  name: 'stats',
  summary: 'Figures from the journals: releases, time to restore, rollbacks, flags; practice is separate.',
  args,
  options,
  effect: 'read',
  examples: ['runbook stats', 'runbook stats --days 30 --json'],
  load: () => import('./stats-command.ts'),
})
