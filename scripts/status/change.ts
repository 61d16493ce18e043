import { userInfo } from 'node:os'
import type { ComponentStatus, Impact, Incident, IncidentStatus } from '../../runner/status/incident.ts'
import { componentsOf, impacts, incidentStatuses, maintenanceStatuses } from '../../runner/status/incident.ts'
import { usageFailure } from '../lib/failure.ts'
import { suggestion } from '../lib/suggest.ts'
import { required } from '../lib/values.ts'
import { type Store, componentIds, incidentNamed, withUpdate } from './store.ts'

const ACTIONS = ['create', 'update', 'resolve'] as const
export type Action = (typeof ACTIONS)[number]
/** What --status takes; `maintenance` is the one users of the script write, and no page has. */
export const STATUSES = [...incidentStatuses, ...maintenanceStatuses, 'maintenance'] as const

/** What the flags say of an incident. */
export interface Given {
  status?: string
  component?: string
  message?: string
  'incident-id'?: string
  action?: string
  title?: string
  impact?: string
  severity?: string
  until?: string
  from?: string
  key?: string
  drill?: boolean
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
  const body = required(values.message, '--message')
  const ids = componentIds(required(values.component, '--component'), store)
  const at = new Date().toISOString()
  const run = process.env['RUNBOOK_RUN_ID']
  const key = values.key ?? (run === undefined ? '' : `${run}/${process.env['RUNBOOK_STEP_ID'] ?? ''}`)
  const begun = status !== 'scheduled'
  return {
    id: '(new)',
    title: values.title ?? body,
    impact,
    startedAt: at,
    ...(values.from !== undefined && { scheduledFor: iso(values.from, '--from') }),
    ...(values.until !== undefined && { scheduledUntil: iso(values.until, '--until') }),
    ...(values.severity !== undefined && { severity: values.severity }),
    key,
    ...(run !== undefined && { run }),
    providerIds: {},
    drill: values.drill ?? false,
    updates: [
      {
        id: 'u1',
        at,
        status,
        body,
        by: actor(),
        components: begun ? Object.fromEntries(ids.map((id) => [id, WORST[impact]])) : {},
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
  const ids = values.component === undefined ? componentsOf(incident) : componentIds(values.component, store)
  const impact = values.impact === undefined ? incident.impact : impactOf(values.impact)
  const body = values.message ?? (ended ? ENDED : required(undefined, '--message'))
  const state = ended ? 'operational' : WORST[impact]
  const step = process.env['RUNBOOK_STEP_ID']
  const run = process.env['RUNBOOK_RUN_ID']
  const own = run === undefined ? `u${incident.updates.length + 1}` : `${run}/${step ?? ''}/${status}`
  const last = incident.updates.at(-1)
  // The same words again are a command that was repeated, not news.
  const id = last?.status === status && last.body === body ? last.id : own
  const components = Object.fromEntries(ids.map((one) => [one, state]))
  return {
    ...withUpdate(incident, { id, at: new Date().toISOString(), status, body, by: actor(), components }),
    impact,
  }
}

function impactOf(text: string): Impact {
  const found = impacts.find((impact) => impact === text)
  if (found === undefined)
    throw usageFailure(`Unknown impact "${text}".`, 'It colours the page.', suggestion(text, impacts))
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

function actor(): string {
  return process.env['RUNBOOK_ACTOR'] || userInfo().username
}
