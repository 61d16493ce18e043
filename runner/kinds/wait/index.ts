import { z } from 'zod'
import { defineKind, result } from '../kind.ts'
import { duration } from '../../model/common-params.ts'
import { formatDuration } from '../../model/duration.ts'

const params = z.object({
  for: duration.describe('How long to wait, such as 30m. The end is kept across restarts.'),
})

export const wait = defineKind({
  name: 'wait',
  summary: 'Lets time pass.',
  params,
  body: { fences: [] },
  effect: () => 'none',
  async run({ for: ms }, context) {
    const until = (await context.recordedNow('from')) + ms
    await context.sleepUntil('until', until)
    return result('passed', `waited ${formatDuration(ms)}`, { data: { until } })
  },
  view({ for: ms }, _, outcome) {
    if (outcome) return [{ type: 'status', ok: outcome.status === 'passed', text: outcome.message }]
    return [{ type: 'field', name: 'waits', value: formatDuration(ms) }]
  },
})
