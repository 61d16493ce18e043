import { userInfo } from 'node:os'
import type { ComponentStatus, Impact, Incident, IncidentStatus } from '../../runner/status/incident.ts'
import {
  componentsOf,
  impacts,
  incidentStatuses,
  isBackwards,
  maintenanceStatuses,
  statusOf,
} from '../../runner/status/incident.ts'
import { usageFailure } from '../lib/failure.ts'
import { suggestion } from '../lib/suggest.ts'
import { required } from '../lib/values.ts'
import { type WordFlags, wordsOf } from './words.ts'
import { type Store, componentIds, incidentNamed, withUpdate } from './store.ts'

const ACTIONS = ['create', 'update', 'resolve'] as const
export type Action = (typeof ACTIONS)[number]
/** What --status takes; `maintenance` is the one users of the script write, and no page has. */
export const STATUSES = [...incidentStatuses, ...maintenanceStatuses, 'maintenance'] as const

/** What the flags say of an incident. */
export interface Given extends WordFlags {
  status?: string
  component?: string
  'incident-id'?: string
  action?: string
  title?: string
  impact?: string
  severity?: string
  until?: string
  from?: string
  key?: string
  drill?: boolean
  reason?: string
}

/** What is to be done; without an id it is a new incident. @throws {Failure} usage */
export function actionOf(values: Given): Action {
  const text = values.action ?? (values['incident-id'] === undefined ? 'create' : 'update')
  const found = ACTIONS.find((action) => action === text)
  if (found === undefined)
    throw usageFailure(`Unknown action "${text}".`, 'There are three.', suggestion(text, ACTIONS))
  return found
}

function statusWord(text: string | undefined): (typeof STATUSES)[number] {
  const given = required(text, '--status')
  const found = STATUSES.find((status) => status === given)
  if (found === undefined)
    throw usageFailure(`Unknown status "${given}".`, 'Users would not know it.', suggestion(given, STATUSES))
  return found
}

const WORST: Record<Impact, ComponentStatus> = {
  none: 'operational',
  maintenance: 'under_maintenance',
  minor: 'degraded_performance',
  major: 'partial_outage',
  critical: 'major_outage',
}

const ENDED = 'This incident is resolved. Everything works as it should.'

/** The incident the flags describe, without its id. @throws {Failure} usage */
export function created(values: Given, store: Store): Incident {
  const word = statusWord(values.status)
  const planned = word === 'maintenance' || maintenanceStatuses.some((status) => status === word)
  const impact = planned ? 'maintenance' : impactOf(values.impact ?? 'minor')
  // No page has a status "maintenance": one that is not announced for later has begun.
  const status = word === 'maintenance' ? (values.from === undefined ? 'in_progress' : 'scheduled') : word
  const ids = componentIds(required(values.component, '--component'), store)
  const at = new Date().toISOString()
  const words = wordsOf(
    values,
    { ...factsOf(ids, status, store), severity: values.severity, ...timesOf(scheduleOf(values)) },
    Date.parse(at),
  )
  const { body, ...promise } = words ?? { body: required(undefined, '--message') }
  const run = process.env['RUNBOOK_RUN_ID']
  const key = values.key ?? (run === undefined ? '' : `${run}/${process.env['RUNBOOK_STEP_ID'] ?? ''}`)
  const state = status === 'scheduled' ? 'operational' : WORST[impact]
  return {
    id: '(new)',
    title: values.title ?? body,
    impact,
    startedAt: at,
    ...scheduleOf(values),
    ...(values.severity !== undefined && { severity: values.severity }),
    key,
    ...(run !== undefined && { run }),
    providerIds: {},
    drill: values.drill ?? false,
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

/** The incident after the update the flags describe. @throws {Failure} usage */
export function next(values: Given, action: Action, store: Store): Incident {
  const incident = incidentNamed(required(values['incident-id'], '--incident-id'), store)
  const planned = incident.impact === 'maintenance'
  const end: IncidentStatus = planned ? 'completed' : 'resolved'
  const word = statusWord(values.status ?? (action === 'resolve' ? end : undefined))
  const status: IncidentStatus = action === 'resolve' ? end : word === 'maintenance' ? 'in_progress' : word
  const ended = status === 'resolved' || status === 'completed'
  const reason = reasonFor(statusOf(incident), status, values.reason)
  const ids = values.component === undefined ? componentsOf(incident) : componentIds(values.component, store)
  const impact = values.impact === undefined ? incident.impact : impactOf(values.impact)
  const severity = values.severity ?? incident.severity
  const at = new Date().toISOString()
  const facts = { ...factsOf(ids, status, store), id: incident.id, severity, ...timesOf(incident) }
  const words = wordsOf(values, facts, Date.parse(at))
  const { body, ...promise } = words ?? { body: ended ? ENDED : required(undefined, '--message') }
  const state = ended || status === 'scheduled' ? 'operational' : WORST[impact]
  const step = process.env['RUNBOOK_STEP_ID']
  const run = process.env['RUNBOOK_RUN_ID']
  const own = run === undefined ? `u${incident.updates.length + 1}` : `${run}/${step ?? ''}/${status}`
  const last = incident.updates.at(-1)
  // The same words again are a command that was repeated, not news.
  const id = last?.status === status && last.body === body ? last.id : own
  const components = Object.fromEntries(ids.map((one) => [one, state]))
  const update = { id, at, status, body, by: actor(), ...promise, ...reason, components }
  return { ...withUpdate(incident, update), impact, ...withSeverity(incident, values.severity, at) }
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

/** @throws {Failure} usage, when an incident goes back without a word of why */
function reasonFor(
  from: IncidentStatus,
  to: IncidentStatus,
  reason: string | undefined,
): { reason?: string } {
  if (!isBackwards(from, to)) return {}
  if (reason !== undefined && reason.trim() !== '') return { reason }
  throw usageFailure(
    `The incident is ${from} already.`,
    `Going back to ${to} takes a reason; users do not see it.`,
    'Say why: --reason "the fix did not hold"',
  )
}

function factsOf(ids: readonly string[], status: string, { components }: Store) {
  const names = ids.map((id) => components.find((one) => one.id === id)?.name ?? id)
  return { component: names.join(', '), status: status.replaceAll('_', ' ') }
}

function scheduleOf({ from, until }: Given): { scheduledFor?: string; scheduledUntil?: string } {
  return {
    ...(from !== undefined && { scheduledFor: iso(from, '--from') }),
    ...(until !== undefined && { scheduledUntil: iso(until, '--until') }),
  }
}

function timesOf({ scheduledFor, scheduledUntil }: Pick<Incident, 'scheduledFor' | 'scheduledUntil'>) {
  return { from: scheduledFor, until: scheduledUntil }
}

function impactOf(text: string): Impact {
  const found = impacts.find((impact) => impact === text)
  if (found === undefined)
    throw usageFailure(`Unknown impact "${text}".`, 'It colors the page.', suggestion(text, impacts))
  return found
}

function iso(text: string, flag: string): string {
  const at = Date.parse(text)
  if (!Number.isNaN(at)) return new Date(at).toISOString()
  throw usageFailure(
    `Unexpected time "${text}" for ${flag}.`,
    'Expected ISO 8601.',
    `Such as ${flag} 2026-12-01T22:00:00Z.`,
  )
}

/** Who does it: RUNBOOK_ACTOR, else the name of the account. */
export function actor(): string {
  return process.env['RUNBOOK_ACTOR'] || userInfo().username
}
