import { dirname } from 'node:path'
import { userInfo } from 'node:os'
import type { ComponentStatus, Impact, Incident, IncidentStatus } from '../runner/status/incident.ts'
import {
  componentsOf,
  impacts,
  incidentStatuses,
  maintenanceStatuses,
  statusOf,
} from '../runner/status/incident.ts'
import { currentStatus } from '../runner/status/history.ts'
import { COMMON, DRY_RUN } from './lib/args.ts'
import { type Outcome, command } from './lib/command.ts'
import { Failure, usageFailure } from './lib/failure.ts'
import { git } from './lib/git.ts'
import { runProgram } from './lib/program.ts'
import { suggestion } from './lib/suggest.ts'
import { httpUrl, required } from './lib/values.ts'
import { statuspage } from './status/statuspage.ts'
import {
  type Store,
  componentIds,
  createIncident,
  editIncident,
  incidentNamed,
  openStore,
  withUpdate,
} from './status/store.ts'

const ACTIONS = ['create', 'update', 'resolve'] as const
type Action = (typeof ACTIONS)[number]
const PROVIDERS = ['files', 'statuspage'] as const
const STATUSES = [...incidentStatuses, ...maintenanceStatuses, 'maintenance'] as const

const OPTIONS = {
  status: { type: 'string', value: 'STATUS', help: `One of ${STATUSES.join(', ')}.` },
  component: { type: 'string', value: 'ID', help: 'What is affected: ids separated by commas, or all.' },
  message: { type: 'string', value: 'TEXT', help: 'What users read.' },
  'incident-id': {
    type: 'string',
    value: 'ID',
    help: 'Such as INC-2026-11-21-001; last is the newest open one.',
  },
  action: {
    type: 'string',
    value: 'ACTION',
    help: 'create, update or resolve (default create, with --incident-id update).',
  },
  title: { type: 'string', value: 'TEXT', help: 'Headline (default the message).' },
  impact: { type: 'string', value: 'IMPACT', help: `One of ${impacts.join(', ')} (default minor).` },
  severity: { type: 'string', value: 'ID', help: 'Such as P1; kept with the incident.' },
  until: { type: 'string', value: 'TIME', help: 'Maintenance: when it ends, ISO 8601.' },
  from: {
    type: 'string',
    value: 'TIME',
    help: 'Maintenance: when it begins, ISO 8601; then it is only announced.',
  },
  key: {
    type: 'string',
    value: 'KEY',
    help: 'The same key again makes no second incident (default: run and step).',
  },
  drill: { type: 'boolean', help: 'A practice: shown as one, counted in no figure.' },
  provider: { type: 'string', value: 'NAME', help: 'files, or statuspage as well (default files).' },
  dir: {
    type: 'string',
    value: 'DIR',
    help: 'Folder of the page (default STATUS_DIR, else content/status).',
  },
  commit: { type: 'boolean', help: 'Commit the file of the incident.' },
  ...DRY_RUN,
  ...COMMON,
} as const

interface Given {
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

const update = command({
  summary: 'tells users about an incident or a maintenance: create, update, resolve.',
  options: OPTIONS,
  examples: [
    'node scripts/status-page.ts --status investigating --component api --message "Investigating slow answers"',
    'node scripts/status-page.ts --status identified --incident-id last --message "The cause is found"',
    'node scripts/status-page.ts --status resolved --incident-id last --action resolve',
  ],
  async run(values): Promise<Outcome> {
    const store = openStore(values.dir ?? (process.env['STATUS_DIR'] || 'content/status'))
    const publish = publisher(values.provider ?? 'files', values['dry-run'] ?? false)
    const action = actionOf(values)
    const wanted = action === 'create' ? created(values, store) : next(values, action, store)
    if (values['dry-run'] === true) return told('$', wanted, store)
    const { incident, changed } = await save(action, wanted, store)
    const remote = await publish(incident, store)
    const shown =
      remote === undefined || incident.providerIds['statuspage'] === remote
        ? incident
        : await editIncident(store, incident.id, (now) => ({
            ...now,
            providerIds: { ...now.providerIds, statuspage: remote },
          }))
    if (values.commit === true) await commit(store, shown)
    if (action === 'resolve') refuseDegraded(shown, store)
    return told(changed ? '+' : '=', shown, store)
  },
})

function actionOf(values: Given): Action {
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

function created(values: Given, store: Store): Incident {
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

function next(values: Given, action: Action, store: Store): Incident {
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

async function save(
  action: Action,
  wanted: Incident,
  store: Store,
): Promise<{ incident: Incident; changed: boolean }> {
  if (action === 'create') {
    const { incident, created: isNew } = await createIncident(store, wanted)
    return { incident, changed: isNew }
  }
  const newest = wanted.updates.at(-1)
  let changed = false
  const incident = await editIncident(store, wanted.id, (now) => {
    const after = newest === undefined ? now : withUpdate(now, newest)
    changed = after !== now
    return {
      ...after,
      impact: wanted.impact,
      ...(wanted.severity !== undefined && { severity: wanted.severity }),
    }
  })
  return { incident, changed }
}

function publisher(
  name: string,
  dryRun: boolean,
): (incident: Incident, store: Store) => Promise<string | undefined> {
  if (name === 'files' || dryRun) return () => Promise.resolve(undefined)
  if (name !== 'statuspage')
    throw usageFailure(`Unknown provider "${name}".`, 'No other is built in.', suggestion(name, PROVIDERS))
  const url = httpUrl(process.env['STATUS_PAGE_URL'] || 'https://api.statuspage.io', 'STATUS_PAGE_URL')
  const page = required(process.env['STATUS_PAGE_ID'], 'The environment variable STATUS_PAGE_ID')
  const token = required(process.env['STATUS_PAGE_API_KEY'], 'The environment variable STATUS_PAGE_API_KEY')
  const remote = statuspage({ url, page, token })
  return (incident, store) => remote.publish(incident, store)
}

async function commit(store: Store, incident: Incident): Promise<void> {
  const file = store.file(incident.id)
  await git(dirname(file), ['add', '--', file])
  const run = incident.run === undefined ? '' : `\n\nRun: ${incident.run}`
  await git(dirname(file), [
    'commit',
    '--quiet',
    '--no-verify',
    '-m',
    `status: ${incident.id} ${statusOf(incident)}${run}`,
    '--',
    file,
  ])
}

function refuseDegraded(incident: Incident, store: Store): void {
  const open = store.incidents()
  const left = componentsOf(incident).filter((id) => currentStatus(id, open) !== 'operational')
  if (left.length === 0) return
  throw new Failure(
    `${incident.id} is resolved, but ${left.join(', ')} is still degraded.`,
    'Another open incident names it.',
    'Resolve that one too, or leave it to whoever works on it.',
  )
}

function told(mark: '+' | '=' | '$', incident: Incident, store: Store): Outcome {
  const last = incident.updates.at(-1)
  const status = statusOf(incident)
  const open = store.incidents()
  const components = componentsOf(incident).map(
    (id) => `${id} ${mark === '$' ? (last?.components[id] ?? '') : currentStatus(id, open)}`,
  )
  return {
    document: { ok: true, changed: mark === '+', dryRun: mark === '$', incident },
    text: `${mark} ${incident.id} ${status}, impact ${incident.impact}\n  ${last?.body ?? ''}\n  ${components.join(', ')}\n`,
  }
}

if (import.meta.main) {
  await runProgram({
    name: 'node scripts/status-page.ts',
    summary: 'tells users what is going on.',
    commands: { update },
    fallback: 'update',
  })
}
