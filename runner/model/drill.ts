import { parseDuration } from './values/duration.ts'
import type { Meta } from './meta.ts'

/** Whether a promise of drills has lapsed. */
export interface DrillPromise {
  /** The promise as its runbook has it, such as `90d`. */
  every: string
  /** When the last drill ended, RFC 3339; undefined when there was none. */
  last: string | undefined
  /** Milliseconds since the promise lapsed; undefined while it holds. Infinity when nothing says when it began. */
  lateMs: number | undefined
}

/**
 * The promise of a runbook, with its last drill; undefined without a promise. Before the first drill it counts from the last
 * review. `now` in milliseconds since the epoch.
 */
export function drillPromise(
  { drill, reviewed }: Partial<Meta>,
  last: string | undefined,
  now: number,
): DrillPromise | undefined {
  const every = drill?.every
  const ms = every === undefined ? undefined : parseDuration(every)
  if (every === undefined || ms === undefined) return undefined
  const from = last ?? reviewed
  if (from === undefined) return { every, last, lateMs: Infinity }
  const late = now - (Date.parse(from) + ms)
  return { every, last, lateMs: late > 0 ? late : undefined }
}

/** A lapsed promise in words that continue a sentence; undefined while it holds. */
export function lapsedWords(promise: DrillPromise | undefined): string | undefined {
  if (promise?.lateMs === undefined) return undefined
  const { every, last } = promise
  return last === undefined
    ? `no drill yet, promised every ${every}`
    : `last drill on ${last.slice(0, 10)}, promised every ${every}`
}
