import { holderOf, isOpen } from '../../../runner/status/incident-file.ts'
import type { Incident } from '../../../runner/status/incident-file.ts'
import { channelOf } from '../../../runner/status/severities.ts'
import type { Severity } from '../../../runner/status/severities.ts'
import { type Timer, escalations, timersOf } from '../../../runner/status/times.ts'
import { formatDuration } from '../../../runner/model/values/duration.ts'

/** The due messages of an incident at a moment, and who should have been called by then. */
export interface Owed {
  timers: Timer[]
  calls: string[]
}

/** The role whose first holder is the one who acknowledged the incident. */
const COMMANDER = 'commander'

/**
 * @param acknowledged when somebody began to work on it; by default when it was opened by a run, which a person
 * starts, or when it got a commander
 */
export function owed(incident: Incident, severity: Severity, now: number, acknowledged?: number): Owed {
  const since = acknowledged ?? acknowledgedAt(incident)
  return {
    timers: timersOf(incident, severity, now, since !== undefined && since <= now),
    calls: isOpen(incident) ? escalations(severity, Date.parse(incident.startedAt), now, since) : [],
  }
}

function acknowledgedAt({ run, startedAt, changes }: Incident): number | undefined {
  if (run !== undefined) return Date.parse(startedAt)
  const taken = changes.find(({ what, role }) => what === 'role' && role === COMMANDER)
  return taken && Date.parse(taken.at)
}

/** The clock of an incident as people read it. */
export function owedText(
  incident: Incident,
  severity: Severity,
  { timers, calls }: Owed,
  now: number,
): string {
  const lines = timers.map(({ name, due, overdue }) => {
    const distance = formatDuration(Math.abs(due - now))
    return `${overdue ? '✕' : '…'} ${name.padEnd(10)} ${overdue ? `${distance} overdue` : `in ${distance}`}\n`
  })
  const roles = [...new Set(incident.changes.filter(({ what }) => what === 'role').map(({ role }) => role))]
  const holders = roles.map((role) => `  ${role.padEnd(10)} ${holderOf(role, incident)}\n`)
  const called = calls.map((role) => `→ call ${role}\n`)
  const channel = channelOf(severity, incident.startedAt)
  const place = channel === undefined ? '' : `  channel    ${channel}\n`
  return `${incident.id} ${severity.id}\n${place}${lines.join('')}${holders.join('')}${called.join('')}`
}
