import { parseDuration } from '../model/values/duration.ts'
import { isOpen } from './incident-file.ts'
import type { Incident } from './incident-file.ts'
import type { Severity } from './severities.ts'

const HOUR_MS = 3_600_000
/** How long people have to write down what they learned. */
const POSTMORTEM_MS = 48 * HOUR_MS

/** Something that is to have happened by a moment. Milliseconds since the epoch. */
export interface Timer {
  name: 'respond' | 'update' | 'resolve' | 'postmortem'
  due: number
  /** Whether the moment has passed without it. */
  overdue: boolean
}

const ms = (text: string): number => parseDuration(text) ?? 0

/** The messages that an incident still owes, soonest first. A changed severity changes the times. */
export function timersOf(
  incident: Incident,
  severity: Severity,
  now: number,
  acknowledged: boolean,
): Timer[] {
  const start = Date.parse(incident.startedAt)
  const newest = incident.updates.at(-1)
  const last = Date.parse(newest?.at ?? incident.startedAt)
  // A time users were promised counts more than the one the severity gives.
  const next = newest?.next === undefined ? last + ms(severity.update) : Date.parse(newest.next)
  const open = isOpen(incident)
  const due: [Timer['name'], number | undefined][] = [
    ['respond', open && !acknowledged ? start + ms(severity.respond) : undefined],
    ['update', open ? next : undefined],
    ['resolve', open && severity.resolve !== undefined ? start + ms(severity.resolve) : undefined],
    ['postmortem', !open && severity.postmortem === 'required' ? last + POSTMORTEM_MS : undefined],
  ]
  return due
    .flatMap(([name, at]) => (at === undefined ? [] : [{ name, due: at, overdue: now > at }]))
    .toSorted((a, b) => a.due - b.due)
}

/** Who should have been called by now, in order. Empty once somebody has acknowledged. */
export function escalations(
  severity: Severity,
  startedAt: number,
  now: number,
  acknowledgedAt?: number,
): string[] {
  const until = Math.min(now, acknowledgedAt ?? Number.POSITIVE_INFINITY)
  return severity.escalate.filter(({ after }) => startedAt + ms(after) <= until).map(({ role }) => role)
}
