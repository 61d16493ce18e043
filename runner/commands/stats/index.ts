import { defineCommand, optional, withDefault } from '../../kit/command.ts'
import type { Call } from '../../kit/command.ts'
import { choice, filePath, integer } from '../../kit/types.ts'

const args = {}

const options = {
  days: withDefault(integer(1, 36_500), '90', 'How many days back.'),
  format: withDefault(
    choice(['text', 'openmetrics']),
    'text',
    'openmetrics: counts and durations of all runs, for a scrape or a file of node_exporter.',
  ),
  output: optional(filePath('file'), 'For openmetrics: a file that is replaced whole. Default: stdout.', {
    short: 'o',
  }),
}

export type Request = Call<typeof args, typeof options>

export const stats = defineCommand({
  name: 'stats',
  summary: 'Figures from the journals: releases, time to restore, rollbacks, flags; practice is separate.',
  args,
  options,
  effect: 'read',
  examples: ['runbook stats', 'runbook stats --days 30 --json', 'runbook stats --format openmetrics'],
  load: () => import('./stats-command.ts'),
})
