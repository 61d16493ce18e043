import { diagnostic } from '../model/diagnostic.ts'
import type { Diagnostic } from '../model/diagnostic.ts'
import { formatDuration, parseDuration } from '../model/duration.ts'
import type { Runbook } from '../model/runbook.ts'

const day = 86_400_000

/** Whether the last review still holds. `now` in milliseconds since the epoch. */
export function checkReview({ meta, file }: Runbook, now: number): Diagnostic[] {
  const every = meta.reviewEvery === undefined ? undefined : parseDuration(meta.reviewEvery)
  if (every === undefined) return []
  const place = { file, line: 1, column: 1 }
  if (meta.reviewed === undefined) {
    return [
      diagnostic(
        'review-overdue',
        place,
        `Unexpected runbook without a review, expected one every ${meta.reviewEvery}`,
        {
          hint: 'Go through it, then add `reviewed:` with the day.',
        },
      ),
    ]
  }
  const late = now - (Date.parse(`${meta.reviewed}T00:00:00Z`) + every)
  if (late < day) return []
  return [
    diagnostic(
      'review-overdue',
      place,
      `Unexpected review of ${meta.reviewed}, it was due ${formatDuration(late - (late % day))} ago`,
      {
        hint: `Go through it, then set \`reviewed: ${new Date(now).toISOString().slice(0, 10)}\`.`,
      },
    ),
  ]
}
