import { dirname } from 'node:path'
import type { Incident } from '../runner/status/incident.ts'
import { componentsOf, impacts, statusOf } from '../runner/status/incident.ts'
import { currentStatus } from '../runner/status/history.ts'
import { COMMON, DRY_RUN } from './lib/args.ts'
import { type Outcome, type Program, command } from './lib/command.ts'
import { Failure, usageFailure } from './lib/failure.ts'
import { git } from './lib/git.ts'
import { runProgram } from './lib/program.ts'
import { suggestion } from './lib/suggest.ts'
import { httpUrl, requiredEnv } from './lib/values.ts'
import { sendBy } from './notify/channels.ts'
import { type Letter, deliver } from './notify/outbox.ts'
import { deliveredText, outboxOf } from './notify/send.ts'
import { type Action, STATUSES, actionOf, created, next, withSeverity } from './status/change.ts'
import { statuspage } from './status/statuspage.ts'
import { type Store, createIncident, editIncident, openStore, withUpdate } from './status/store.ts'

const PROVIDERS = ['files', 'statuspage'] as const
const OPTIONS = {
  status: { type: 'string', value: 'STATUS', help: `One of ${STATUSES.join(', ')}.` },
  component: { type: 'string', value: 'ID', help: 'What is affected: ids separated by commas, or all.' },
  message: { type: 'string', value: 'TEXT', help: 'What users read.' },
  template: {
    type: 'string',
    value: 'NAME',
    help: 'What users read, from templates.yaml; what is known of the incident fills it.',
  },
  var: { type: 'string', multiple: true, value: 'K=V', help: 'A further value for the template.' },
  next: {
    type: 'string',
    value: 'TIME',
    help: 'When users hear more, such as 20m; a clock runs (default with a template: that of the severity).',
  },
  reason: {
    type: 'string',
    value: 'TEXT',
    help: 'Why an incident goes back to an earlier status. Users do not see it.',
  },
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
  templates: { type: 'string', value: 'FILE', help: 'Default content/status/templates.yaml.' },
  severities: { type: 'string', value: 'FILE', help: 'Default content/severities.yaml.' },
  commit: { type: 'boolean', help: 'Commit the file of the incident.' },
  ...DRY_RUN,
  ...COMMON,
} as const

const update = command({
  summary: 'tells users about an incident or a maintenance: create, update, resolve.',
  options: OPTIONS,
  examples: [
    'node scripts/status-page.ts --status investigating --component api --message "Investigating slow answers"',
    'node scripts/status-page.ts --status identified --incident-id last --template identified --next 20m',
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
    await toast(shown)
    if (values.commit === true) await commit(store, shown)
    if (action === 'resolve') refuseDegraded(shown, store)
    return told(changed ? '+' : '=', shown, store)
  },
})

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
      ...withSeverity(now, wanted.severity, newest?.at ?? now.startedAt),
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
  const [page, token] = requiredEnv(['STATUS_PAGE_ID', 'STATUS_PAGE_API_KEY'])
  const remote = statuspage({ url, page, token })
  return (incident, store) => remote.publish(incident, store)
}

/** Tells the pages that are open of the newest update, once; not of a practice. What fails waits in the outbox. */
async function toast(incident: Incident): Promise<void> {
  const newest = incident.updates.at(-1)
  if ((process.env['REDIS_URL'] ?? '') === '' || incident.drill || newest === undefined) return
  const letter = {
    event: `${incident.id}#${newest.id}`,
    channel: 'toast',
    to: '',
    message: { subject: incident.title, body: newest.body },
    link: '',
    severity: incident.severity ?? '',
    action: 'trigger',
    subject: incident.id,
  } as const
  const send = (one: Letter) => sendBy({ type: 'toast', url: 'REDIS_URL' }, one, { env: process.env })
  const sent = await deliver(outboxOf(undefined), letter, send, true)
  if (sent.letter.state !== 'sent') process.stderr.write(deliveredText(sent))
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

export const program: Program = {
  name: 'node scripts/status-page.ts',
  summary: 'tells users what is going on.',
  commands: { update },
  fallback: 'update',
}

if (import.meta.main) await runProgram(program)
