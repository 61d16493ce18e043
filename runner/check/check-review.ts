import { diagnostic } from '../model/diagnostic.ts'
import type { Diagnostic } from '../model/diagnostic.ts'
import { formatDuration, parseDuration } from '../model/values/duration.ts'
import { dueDate, isOverdue } from '../model/review.ts'
import type { Runbook } from '../model/runbook.ts'

/** Whether the last review still holds. `now` in milliseconds since the epoch. */
export function checkReview({ meta, file }: Runbook, now: number): Diagnostic[] {
  if (meta.reviewEvery === undefined || parseDuration(meta.reviewEvery) === undefined) return []
  const today = new Date(now).toISOString().slice(0, 10)
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
  if (!isOverdue(meta, today)) return []
  const late = Date.parse(today) - Date.parse(dueDate(meta) ?? today)
  return [
    diagnostic(
      'review-overdue',
      place,
      `Unexpected review of ${meta.reviewed}, it was due ${formatDuration(late)} ago`,
      {
        hint: `Go through it, then set \`reviewed: ${today}\`.`,
      },
    ),
  ]
}
