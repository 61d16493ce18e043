import type {
  ComponentStatus,
  Impact,
  Incident,
  IncidentStatus,
} from '../../../runner/status/incident-file.ts'
import {
  componentsOf,
  incidentStatuses,
  isBackwards,
  maintenanceStatuses,
  statusOf,
} from '../../../runner/status/incident-file.ts'
import { accountName } from '../../../runner/account.ts'
import type { Severity } from '../../../runner/status/severities.ts'
import { readSeverities, severityNamed } from '../notify/severity-channels.ts'
import { CliError } from '../../../runner/kit/error.ts'
import { exit } from '../../../runner/kit/exit.ts'
import { needed } from '../../../runner/kit/read-values.ts'
import { SEVERITIES, type WordFlags, wordsOf } from './words.ts'
import { type Store, componentIds, incidentNamed, withUpdate } from './incident-store.ts'

export const ACTIONS = ['create', 'update', 'resolve'] as const
export type Action = (typeof ACTIONS)[number]
/** The values of --status; `maintenance` is one for users of the script, and no page has it. */
export const STATUSES = [...incidentStatuses, ...maintenanceStatuses, 'maintenance'] as const

/** The flags of an incident. */
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

/** The change; without an id it is a new incident. */
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
  const planned = isMaintenance(word)
  const severity = severityOf(options)
  refuseMixed(options, planned)
  const impact = planned ? 'maintenance' : (options.impact ?? severity?.impact ?? 'minor')
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
  const foreign = options.incidentId
  const own = run === undefined ? (foreign ?? '') : `${run}/${process.env['RUNBOOK_STEP_ID'] ?? ''}`
  const key = options.key ?? own
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
    providerIds: foreign === undefined ? {} : { other: foreign },
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
  refuseMixed(options, planned)
  if (options.status !== undefined) refuseForeign(options.status, action, incident.id, planned, end)
  const rated = severityOf(options)
  const word = needed(options.status ?? (action === 'resolve' ? end : undefined), '--status')
  const status: IncidentStatus = action === 'resolve' ? end : word === 'maintenance' ? 'in_progress' : word
  const ended = status === 'resolved' || status === 'completed'
  const reason = reasonFor(statusOf(incident), status, options.reason)
  const ids =
    options.component === undefined ? componentsOf(incident) : componentIds(options.component, store)
  const impact = options.impact ?? (planned ? undefined : rated?.impact) ?? incident.impact
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

function isMaintenance(status: string): boolean {
  return status === 'maintenance' || maintenanceStatuses.some((one) => one === status)
}

/** The severity the flags name. @throws {CliError} usage, when the list has none of that name */
function severityOf({ severity, severities }: Given): Severity | undefined {
  if (severity === undefined) return undefined
  return severityNamed(severity, readSeverities(severities ?? SEVERITIES))
}

/** @throws {CliError} usage, for an impact or times that an incident or a maintenance does not have */
function refuseMixed({ impact, from, until }: Given, planned: boolean): void {
  if (impact !== undefined && (impact === 'maintenance') !== planned)
    throw mistaken(
      `The impact ${impact} does not belong to ${planned ? 'a maintenance' : 'an incident'}`,
      planned ? 'Leave --impact out.' : 'Use --status maintenance for planned work.',
    )
  if (!planned && (from !== undefined || until !== undefined))
    throw mistaken('An incident has no --from and no --until', 'They belong to --status maintenance.')
  if (from !== undefined && until !== undefined && until <= from)
    throw mistaken(
      'The maintenance ends before it begins: --until is not after --from',
      'Correct one of them.',
    )
}

/** @throws {CliError} usage, for a status of the other kind, or one that a resolution would skip */
function refuseForeign(
  status: string,
  action: Action,
  id: string,
  planned: boolean,
  end: IncidentStatus,
): void {
  if (isMaintenance(status) !== planned && !(action === 'resolve' && status === 'resolved'))
    throw mistaken(
      `${id} is ${planned ? 'a maintenance' : 'an incident'}, which is never ${status}`,
      `Expected one of ${(planned ? maintenanceStatuses : incidentStatuses).join(', ')}.`,
    )
  if (action === 'resolve' && status !== end && status !== 'resolved')
    throw mistaken(
      `--action resolve makes ${id} ${end}, and --status says ${status}`,
      'Leave one of the two out.',
    )
}

function mistaken(message: string, hint: string): CliError {
  return new CliError(exit.usage, message, hint)
}

/** The record of a changed severity in the incident: the new one, and who changed it. */
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
  return process.env['RUNBOOK_ACTOR'] || accountName()
}
