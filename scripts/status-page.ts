import { defineCommand, defineProgram, flag, many, optional } from '../runner/kit/command.ts'
import type { CommandReport } from '../runner/kit/command.ts'
import { assignment, choice, filePath, httpUrl, moment, string } from '../runner/kit/types.ts'
import { runProgram } from '../runner/kit/program.ts'
import { existsSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Incident } from '../runner/status/incident-file.ts'
import { componentsOf, impacts, statusOf } from '../runner/status/incident-file.ts'
import { currentStatus } from '../runner/status/history.ts'
import { CliError } from '../runner/kit/error.ts'
import { exit } from '../runner/kit/exit.ts'
import { git } from './lib/git.ts'
import { readAs } from '../runner/kit/read-values.ts'
import { requiredEnv } from './lib/required-env.ts'
import { sendBy } from './programs/notify/channels.ts'
import { type Letter, deliver } from './programs/notify/outbox.ts'
import { deliveredText, outboxOf } from './programs/notify/send.ts'
import {
  ACTIONS,
  type Action,
  STATUSES,
  actionOf,
  created,
  next,
  withSeverity,
} from './programs/status/change-incident.ts'
import { statuspage } from './adapters/statuspage.ts'
import {
  type Store,
  createIncident,
  editIncident,
  openStore,
  withUpdate,
} from './programs/status/incident-store.ts'

const OPTIONS = {
  status: optional(choice(STATUSES), 'Where the work on it is.', { form: 'status' }),
  component: optional(string('id'), 'Affected components: ids separated by commas, or all.'),
  message: optional(string('text'), 'The message to users.'),
  template: optional(
    string('name'),
    'Template of the message, from templates.yaml; the facts of the incident fill it.',
  ),
  var: many(assignment, 'A further value for the template.'),
  next: optional(
    string('duration'),
    'When users hear more, such as 20m; a clock runs. Default with a template: that of the severity.',
  ),
  reason: optional(string('text'), 'Why an incident goes back to an earlier status. Users do not see it.'),
  incidentId: optional(
    string('id'),
    'Such as INC-2026-11-21-001, or its id elsewhere; last is the newest open one. With --action create: an id elsewhere to know it by.',
  ),
  action: optional(choice(ACTIONS), 'Default: create, and with --incident-id update.'),
  title: optional(string('text'), 'Headline. Default: the message.'),
  impact: optional(choice(impacts), 'How bad it is. Default: that of the severity, else minor.'),
  severity: optional(string('id'), 'Such as P1; kept with the incident.'),
  until: optional(moment, 'Maintenance: when it ends.'),
  from: optional(moment, 'Maintenance: when it begins; then it is only announced.'),
  key: optional(string('key'), 'The same key again makes no second incident. Default: run and step.'),
  drill: flag('A practice: shown as one, counted in no figure.'),
  provider: optional(
    choice(['files', 'statuspage']),
    'Where it is published; statuspage writes files as well. Default: statuspage where STATUS_PAGE_API_KEY or STATUS_PAGE_ID is set, else files.',
  ),
  dir: optional(filePath('folder'), 'Folder of the page. Default: STATUS_DIR, else content/status.'),
  templates: optional(filePath('file'), 'Default: content/status/templates.yaml.'),
  severities: optional(filePath('file'), 'Default: content/severities.yaml.'),
  commit: flag('Commit the file of the incident.'),
}

const update = defineCommand({
  name: 'update',
  summary: 'Tell users about an incident or a maintenance: create, update, resolve.',
  args: {},
  options: OPTIONS,
  effect: 'write',
  examples: [
    'runbook status --status investigating --component api --message "Investigating slow answers"',
    'runbook status --status identified --incident-id last --template identified --next 20m',
    'runbook status --status resolved --incident-id last --action resolve',
  ],
  async run({ options, dryRun }): Promise<CommandReport> {
    const store = openStore(options.dir ?? (process.env['STATUS_DIR'] || 'content/status'))
    const publish = publisher(options.provider, dryRun)
    const action = actionOf(options)
    const wanted = action === 'create' ? created(options, store) : next(options, action, store)
    if (dryRun) return told('$', wanted, store)
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
    if (options.commit) await commit(store, shown)
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
  given: 'files' | 'statuspage' | undefined,
  dryRun: boolean,
): (incident: Incident, store: Store) => Promise<string | undefined> {
  // One of the two alone is an account that was meant and is not complete.
  const hasAccount = [process.env['STATUS_PAGE_ID'], process.env['STATUS_PAGE_API_KEY']].some(Boolean)
  const provider = given ?? (hasAccount ? 'statuspage' : 'files')
  if (provider === 'files' || dryRun) return () => Promise.resolve(undefined)
  const address = process.env['STATUS_PAGE_URL'] || 'https://api.statuspage.io'
  const [page, token] = requiredEnv(['STATUS_PAGE_ID', 'STATUS_PAGE_API_KEY'])
  const remote = statuspage({ url: readAs(httpUrl, address, 'STATUS_PAGE_URL'), page, token })
  return (incident, store) => remote.publish(incident, store)
}

/** Tells the pages that are open of the newest update, once; not of a practice. A failed message waits in the outbox. */
async function toast(incident: Incident): Promise<void> {
  const newest = incident.updates.at(-1)
  if ((process.env['REDIS_URL'] ?? '') === '' || incident.drill || newest === undefined) return
  const letter = {
    // With its start: a folder that was made anew gives its numbers anew.
    event: `${incident.id}@${incident.startedAt}#${newest.id}`,
    channel: 'toast',
    to: '',
    message: { subject: incident.title, body: newest.body },
    link: '',
    severity: incident.severity ?? '',
    action: 'trigger' as const,
    subject: incident.id,
  }
  const send = (one: Letter) => sendBy({ type: 'toast', url: 'REDIS_URL' }, one, { env: process.env })
  const sent = await deliver(outboxOf(undefined), letter, send, true)
  if (sent.letter.state !== 'sent') process.stderr.write(deliveredText(sent))
}

async function commit(store: Store, incident: Incident): Promise<void> {
  const file = store.file(incident.id)
  const files = [file, ...(existsSync(store.given) ? [store.given] : [])]
  await git(dirname(file), ['add', '--', ...files])
  const run = incident.run === undefined ? '' : `\n\nRun: ${incident.run}`
  await git(dirname(file), [
    'commit',
    '--quiet',
    '--no-verify',
    '-m',
    `status: ${incident.id} ${statusOf(incident)}${run}`,
    '--',
    ...files,
  ])
}

function refuseDegraded(incident: Incident, store: Store): void {
  const open = store.incidents()
  const left = componentsOf(incident).filter((id) => currentStatus(id, open) !== 'operational')
  if (left.length === 0) return
  throw new CliError(
    exit.failed,
    `${incident.id} is resolved, but ${left.join(', ')} is still degraded: another open incident names it`,
    'Resolve that one too, or leave it to whoever works on it.',
  )
}

function told(mark: '+' | '=' | '$', incident: Incident, store: Store): CommandReport {
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

export const program = defineProgram({
  name: 'runbook status',
  summary: 'Tell users the state of an incident or a maintenance.',
  commands: [update],
  fallback: 'update',
})

if (import.meta.main) await runProgram(program)
