import { parseDuration } from './values/duration.ts'
import type { Meta } from './meta.ts'

const dayMs = 86_400_000

/** The day after which the review no longer counts, as YYYY-MM-DD. */
export function dueDate({ reviewed, reviewEvery }: Partial<Meta>): string | undefined {
  const every = reviewEvery === undefined ? undefined : parseDuration(reviewEvery)
  if (reviewed === undefined || every === undefined) return undefined
  const days = Math.max(1, Math.round(every / dayMs))
  return new Date(Date.parse(`${reviewed}T00:00:00Z`) + days * dayMs).toISOString().slice(0, 10)
}

/** `today` is a day of UTC, as YYYY-MM-DD. */
export function isOverdue(meta: Partial<Meta>, today: string): boolean {
  const due = dueDate(meta)
  return due !== undefined && due < today
}
