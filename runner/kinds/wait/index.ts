import * as z from 'zod'
import { defineKind, result } from '../kind.ts'
import { duration } from '../../model/steps/common-params.ts'
import { diagnostic } from '../../model/diagnostic.ts'
import { formatDuration } from '../../model/values/duration.ts'
import { nextMoment, writeMoment } from './moment.ts'

const moment = z.string().superRefine((text, context) => {
  if (nextMoment(text, Date.UTC(2000, 0, 1)) === undefined && !text.includes('${{'))
    context.addIssue({
      code: 'custom',
      message: `Unexpected moment \`${text}\`, expected a time such as \`08:30\` or \`2026-11-30T08:30:00Z\``,
    })
})

const params = z.object({
  for: duration().optional().describe('How long to wait, such as 30m. The end is kept across restarts.'),
  until: moment
    .optional()
    .describe(
      "End of the wait: the next time the machine's clock shows a time of day such as 08:30, or a moment such as 2026-11-30T08:30:00Z. A time of day that is skipped when clocks go forward means the moment of that change.",
    ),
})

export const wait = defineKind({
  name: 'wait',
  summary: 'Lets time pass.',
  reference: {
    example: '<Wait id="soak" title="Let it soak" for="30m" />',
    notes: [
      'The end is decided once and kept across restarts. With `--detach` the run stops at the wait; `runbook resume` continues it.',
    ],
  },
  params,
  body: { fences: [] },
  effect: () => 'none',
  inspect({ attributes: { for: ms, until }, place }) {
    if ((ms === undefined) !== (until === undefined)) return []
    const message = `Unexpected <Wait> with ${ms ? 'both' : 'neither'} of \`for\` and \`until\`, expected one`
    const hint = 'Write for="30m" to wait as long, or until="08:30" to wait until then.'
    return [diagnostic('invalid-attribute', place, message, { hint })]
  },
  async run({ for: ms, until: time }, context) {
    const from = await context.recordedNow('from')
    const until = ms === undefined ? nextMoment(time ?? '', from) : from + ms
    if (until === undefined) return result('failed', `cannot be read: \`${time}\` is not a date or time`)
    await context.record('wait-began', 'until', () => ({ until, message: `until ${writeMoment(until)}` }))
    await context.sleepUntil('until', until)
    const waited = formatDuration(Math.max(0, until - from))
    return result('passed', `waited ${waited}, until ${writeMoment(until)}`, { data: { until } })
  },
  view({ for: ms, until }, _, outcome) {
    if (outcome) return [{ type: 'status', ok: outcome.status === 'passed', text: outcome.message }]
    return [{ type: 'field', name: 'waits', value: ms === undefined ? `until ${until}` : formatDuration(ms) }]
  },
})
