import { userInfo } from 'node:os'
import type { ComponentStatus, Impact, Incident, IncidentStatus } from '../../../runner/status/incident.ts'
import {
  componentsOf,
  incidentStatuses,
  isBackwards,
  maintenanceStatuses,
  statusOf,
} from '../../../runner/status/incident.ts'
import { CliError } from '../../../runner/kit/error.ts'
import { exit } from '../../../runner/kit/exit.ts'
import { needed } from '../../../runner/kit/read-values.ts'
import { type WordFlags, wordsOf } from './words.ts'
import { type Store, componentIds, incidentNamed, withUpdate } from './incident-store.ts'

export const ACTIONS = ['create', 'update', 'resolve'] as const
export type Action = (typeof ACTIONS)[number]
/** What --status takes; `maintenance` is the one users of the script write, and no page has. */
export const STATUSES = [...incidentStatuses, ...maintenanceStatuses, 'maintenance'] as const

/** What the flags say of an incident. */
export interface Given extends WordFlags {
  status?: (typeof STATUSES)[number] | undefined
  component?: string | undefined
  incidentId?: string | undefined
  action?: Action | undefined
  title?: string | undefined
  impact?: Impact | undefined
  severity?: string | undefined
  /** In milliseconds since 1970, as is `from`. */
  until?: number | undefined
  from?: number | undefined
  key?: string | undefined
  drill: boolean
  reason?: string | undefined
}

/** What is to be done; without an id it is a new incident. */
export function actionOf({ action, incidentId }: Given): Action {
  return action ?? (incidentId === undefined ? 'create' : 'update')
}

const WORST: Record<Impact, ComponentStatus> = {
  none: 'operational',
  maintenance: 'under_maintenance',
  minor: 'degraded_performance',
  major: 'partial_outage',
  critical: 'major_outage',
}

const ENDED = 'This incident is resolved. Everything works as it should.'

/** The incident the flags describe, without its id. @throws {CliError} usage */
export function created(options: Given, store: Store): Incident {
  const word = needed(options.status, '--status')
  const planned = word === 'maintenance' || maintenanceStatuses.some((status) => status === word)
  const impact = planned ? 'maintenance' : (options.impact ?? 'minor')
  // No page has a status "maintenance": one that is not announced for later has begun.
  const status = word === 'maintenance' ? (options.from === undefined ? 'in_progress' : 'scheduled') : word
  const ids = componentIds(needed(options.component, '--component'), store)
  const at = new Date().toISOString()
  const words = wordsOf(
    options,
    { ...factsOf(ids, status, store), severity: options.severity, ...timesOf(scheduleOf(options)) },
    Date.parse(at),
  )
  const { body, ...promise } = words ?? { body: needed<string>(undefined, '--message') }
  const run = process.env['RUNBOOK_RUN_ID']
  const key = options.key ?? (run === undefined ? '' : `${run}/${process.env['RUNBOOK_STEP_ID'] ?? ''}`)
  const state = status === 'scheduled' ? 'operational' : WORST[impact]
  return {
    id: '(new)',
    title: options.title ?? body,
    impact,
    startedAt: at,
    ...scheduleOf(options),
    ...(options.severity !== undefined && { severity: options.severity }),
    key,
    ...(run !== undefined && { run }),
    providerIds: {},
    drill: options.drill,
    changes: [],
    updates: [
      {
        id: 'u1',
        at,
        status,
        body,
        by: actor(),
        ...promise,
        components: Object.fromEntries(ids.map((id) => [id, state])),
      },
    ],
  }
}

/** The incident after the update the flags describe. @throws {CliError} usage */
export function next(options: Given, action: Action, store: Store): Incident {
  const incident = incidentNamed(needed(options.incidentId, '--incident-id'), store)
  const planned = incident.impact === 'maintenance'
  const end: IncidentStatus = planned ? 'completed' : 'resolved'
  const word = needed(options.status ?? (action === 'resolve' ? end : undefined), '--status')
  const status: IncidentStatus = action === 'resolve' ? end : word === 'maintenance' ? 'in_progress' : word
  const ended = status === 'resolved' || status === 'completed'
  const reason = reasonFor(statusOf(incident), status, options.reason)
  const ids =
    options.component === undefined ? componentsOf(incident) : componentIds(options.component, store)
  const impact = options.impact ?? incident.impact
  const severity = options.severity ?? incident.severity
  const at = new Date().toISOString()
  const facts = { ...factsOf(ids, status, store), id: incident.id, severity, ...timesOf(incident) }
  const words = wordsOf(options, facts, Date.parse(at))
  const { body, ...promise } = words ?? { body: ended ? ENDED : needed<string>(undefined, '--message') }
  const state = ended || status === 'scheduled' ? 'operational' : WORST[impact]
  const step = process.env['RUNBOOK_STEP_ID']
  const run = process.env['RUNBOOK_RUN_ID']
  const own = run === undefined ? `u${incident.updates.length + 1}` : `${run}/${step ?? ''}/${status}`
  const last = incident.updates.at(-1)
  // The same words again are a command that was repeated, not news.
  const id = last?.status === status && last.body === body ? last.id : own
  const components = Object.fromEntries(ids.map((one) => [one, state]))
  const update = { id, at, status, body, by: actor(), ...promise, ...reason, components }
  return { ...withUpdate(incident, update), impact, ...withSeverity(incident, options.severity, at) }
}

/** What a change of the severity leaves in the incident: the new one, and who changed it. */
export function withSeverity(
  { severity, changes }: Incident,
  to: string | undefined,
  at: string,
): Partial<Incident> {
  if (to === undefined || to === severity) return {}
  const change = { at, by: actor(), what: 'severity', role: '', from: severity ?? '', to } as const
  return { severity: to, changes: [...changes, change] }
}

/** @throws {CliError} usage, when an incident goes back without a word of why */
function reasonFor(
  from: IncidentStatus,
  to: IncidentStatus,
  reason: string | undefined,
): { reason?: string } {
  if (!isBackwards(from, to)) return {}
  if (reason !== undefined && reason.trim() !== '') return { reason }
  throw new CliError(
    exit.usage,
    `The incident is ${from} already: going back to ${to} takes a reason; users do not see it`,
    'Say why: --reason "the fix did not hold"',
  )
}

function factsOf(ids: readonly string[], status: string, { components }: Store) {
  const names = ids.map((id) => components.find((one) => one.id === id)?.name ?? id)
  return { component: names.join(', '), status: status.replaceAll('_', ' ') }
}

function scheduleOf({ from, until }: Given): { scheduledFor?: string; scheduledUntil?: string } {
  return {
    ...(from !== undefined && { scheduledFor: new Date(from).toISOString() }),
    ...(until !== undefined && { scheduledUntil: new Date(until).toISOString() }),
  }
}

function timesOf({ scheduledFor, scheduledUntil }: Pick<Incident, 'scheduledFor' | 'scheduledUntil'>) {
  return { from: scheduledFor, until: scheduledUntil }
}

/** Who does it: RUNBOOK_ACTOR, else the name of the account. */
export function actor(): string {
  return process.env['RUNBOOK_ACTOR'] || userInfo().username
}
