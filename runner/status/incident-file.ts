import * as z from 'zod'

/** How far an incident, or a maintenance, has come. */
export const incidentStatuses = ['investigating', 'identified', 'monitoring', 'resolved'] as const
export const maintenanceStatuses = ['scheduled', 'in_progress', 'verifying', 'completed'] as const
const statuses = [...incidentStatuses, ...maintenanceStatuses] as const
export type IncidentStatus = (typeof statuses)[number]

export const impacts = ['none', 'maintenance', 'minor', 'major', 'critical'] as const
export type Impact = (typeof impacts)[number]

/** The states of a component for users, from best to worst. */
const componentStatuses = [
  'operational',
  'under_maintenance',
  'degraded_performance',
  'partial_outage',
  'major_outage',
] as const
export type ComponentStatus = (typeof componentStatuses)[number]

const moment = z.iso.datetime()

const updateSchema = z.strictObject({
  /** Stable: the address of the update in feeds, and what makes a repeated command write it once. */
  id: z.string().min(1),
  at: moment,
  status: z.enum(statuses),
  body: z.string(),
  by: z.string(),
  /** When users were promised to hear more. */
  next: moment.optional(),
  /** Why the incident went back to an earlier status. */
  reason: z.string().optional(),
  /** The states of the components from here on. */
  components: z.record(z.string(), z.enum(componentStatuses)).default({}),
})

/** Who took over a role, or how bad it is thought to be from here on. */
const changeSchema = z.strictObject({
  at: moment,
  by: z.string(),
  what: z.enum(['role', 'severity']),
  /** The role, such as commander; empty for the severity. */
  role: z.string().default(''),
  from: z.string().default(''),
  to: z.string().min(1),
})

/** An incident as its file keeps it. */
export const incidentSchema = z.strictObject({
  id: z.string().min(1),
  title: z.string().min(1),
  impact: z.enum(impacts),
  startedAt: moment,
  resolvedAt: moment.optional(),
  scheduledFor: moment.optional(),
  scheduledUntil: moment.optional(),
  severity: z.string().optional(),
  /** The run that opened it, and the step: a command that is repeated finds its incident by it. */
  key: z.string().default(''),
  run: z.string().optional(),
  providerIds: z.record(z.string(), z.string()).default({}),
  /** A practice, not counted in any figure. */
  drill: z.boolean().default(false),
  /** Data that is not for users: it is in no feed and on no page of the status page. */
  changes: z.array(changeSchema).default([]),
  updates: z.array(updateSchema).min(1),
  /** Who closed it after its review. `postmortem` is the hex SHA-256 of the postmortem, where the severity requires one. */
  closed: z.strictObject({ at: moment, by: z.string().min(1), postmortem: z.string().optional() }).optional(),
})

export type Incident = z.output<typeof incidentSchema>
export type IncidentUpdate = Incident['updates'][number]

export const componentSchema = z.strictObject({
  id: z.string().regex(/^[a-z][a-z0-9-]*$/),
  name: z.string().min(1),
  description: z.string().default(''),
  /** Ids of the same component elsewhere, such as `statuspage: abc123`. */
  providerIds: z.record(z.string(), z.string()).default({}),
})

export type Component = z.output<typeof componentSchema>

export function statusOf(incident: Incident): IncidentStatus {
  return incident.updates.at(-1)?.status ?? 'investigating'
}

export function isOpen(incident: Incident): boolean {
  return !['resolved', 'completed', 'scheduled'].includes(statusOf(incident))
}

/** Whether a status is before the one an incident has: it was closer to its end than it is. */
export function isBackwards(from: IncidentStatus, to: IncidentStatus): boolean {
  return [incidentStatuses, maintenanceStatuses].some((order) => {
    const places = [from, to].map((status) => order.findIndex((one) => one === status))
    return places.every((place) => place >= 0) && (places[1] ?? 0) < (places[0] ?? 0)
  })
}

/** Who has a role now. */
export function holderOf(role: string, { changes }: Incident): string | undefined {
  return changes.findLast((change) => change.what === 'role' && change.role === role)?.to
}

/** Every component an incident ever named. */
export function componentsOf(incident: Incident): string[] {
  return [...new Set(incident.updates.flatMap(({ components }) => Object.keys(components)))]
}

/** The worst of some statuses. */
export function worst(of: readonly ComponentStatus[]): ComponentStatus {
  return (
    componentStatuses[Math.max(0, ...of.map((status) => componentStatuses.indexOf(status)))] ?? 'operational'
  )
}
