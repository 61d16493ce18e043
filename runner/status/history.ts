import { isOpen, worst } from './incident-file.ts'
import type { ComponentStatus, Incident } from './incident-file.ts'

const DAY_MS = 86_400_000

/** A stretch of time in which a component was not as it should be. Milliseconds since the epoch. */
interface Stretch {
  from: number
  to: number
  status: ComponentStatus
  incident: string
}

/** The current state of a component, from the open incidents. */
export function currentStatus(component: string, incidents: readonly Incident[]): ComponentStatus {
  return worst(incidents.filter(isOpen).map((incident) => lastOf(component, incident)))
}

function lastOf(component: string, { updates }: Incident): ComponentStatus {
  return updates.findLast(({ components }) => component in components)?.components[component] ?? 'operational'
}

/** When a component was not operational, oldest first. `now` ends what is still open. */
function stretches(component: string, incidents: readonly Incident[], now: number): Stretch[] {
  const all = incidents.flatMap((incident) => {
    if (incident.drill) return []
    const marks = incident.updates
      .filter(({ components }) => component in components)
      .map(({ at, components }) => ({ at: Date.parse(at), status: components[component] ?? 'operational' }))
    return marks.flatMap(({ at, status }, index) => {
      if (status === 'operational') return []
      const end =
        marks[index + 1]?.at ?? (incident.resolvedAt === undefined ? now : Date.parse(incident.resolvedAt))
      return [{ from: at, to: end, status, incident: incident.id }]
    })
  })
  return all.toSorted((a, b) => a.from - b.from)
}

export interface Day {
  /** As YYYY-MM-DD, UTC. */
  date: string
  status: ComponentStatus
  incidents: string[]
}

/** The days up to today, oldest first, each with the worst a component was. */
export function dayBars(component: string, incidents: readonly Incident[], now: number, count = 90): Day[] {
  const all = stretches(component, incidents, now)
  const today = Math.floor(now / DAY_MS)
  return Array.from({ length: count }, (_, index) => {
    const start = (today - count + 1 + index) * DAY_MS
    const hit = all.filter(({ from, to }) => from < start + DAY_MS && to > start)
    return {
      date: new Date(start).toISOString().slice(0, 10),
      status: worst(hit.map(({ status }) => status)),
      incidents: [...new Set(hit.map(({ incident }) => incident))],
    }
  })
}

/**
 * Share of time a component was up, 0 to 1. Outages count, partial ones in full; slowness and announced maintenance
 * do not. Outages at the same time count once.
 */
export function uptime(component: string, incidents: readonly Incident[], now: number, days = 90): number {
  const start = now - days * DAY_MS
  const down = stretches(component, incidents, now)
    .filter(({ status }) => status === 'partial_outage' || status === 'major_outage')
    .map(({ from, to }) => ({ from: Math.max(from, start), to: Math.min(to, now) }))
    .filter(({ from, to }) => to > from)
  let covered = start
  let total = 0
  for (const { from, to } of down) {
    total += Math.max(0, to - Math.max(from, covered))
    covered = Math.max(covered, to)
  }
  return 1 - total / (days * DAY_MS)
}
