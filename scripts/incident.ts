import { createHash } from 'node:crypto'
import { defineCommand, defineProgram, flag, optional, required, withDefault } from '../runner/kit/command.ts'
import type { CommandReport, Values } from '../runner/kit/command.ts'
import { duration, filePath, moment, string } from '../runner/kit/types.ts'
import { CliError } from '../runner/kit/error.ts'
import { exit } from '../runner/kit/exit.ts'
import { runProgram } from '../runner/kit/program.ts'
import { orThrow } from '../runner/model/problem.ts'
import { readPeople } from '../runner/people.ts'
import { postmortemFile, reviewOf } from '../runner/postmortem/closing.ts'
import type { Incident } from '../runner/status/incident-file.ts'
import { holderOf, isOpen } from '../runner/status/incident-file.ts'
import type { Severity } from '../runner/status/severities.ts'
import { owed, owedText } from './programs/incident/deadlines.ts'
import { nag, nagUntilOver } from './programs/incident/nag.ts'
import { type Delivered, channelNamed, deliveredText, outboxOf } from './programs/notify/send.ts'
import { readSeverities, severityNamed } from './programs/notify/severity-channels.ts'
import { TEMPLATES } from './programs/notify/message-template.ts'
import { actor } from './programs/status/change-incident.ts'
import { type Store, editIncident, incidentNamed, openStore } from './programs/status/incident-store.ts'

const WHICH = {
  incidentId: withDefault(string('id'), 'last', 'The incident.'),
  dir: optional(filePath('folder'), 'Folder of the status page. Default: STATUS_DIR, else content/status.'),
}

const RULES = {
  severity: optional(string('id'), 'Default: the one kept with the incident, else P1.'),
  severities: withDefault(filePath('file'), 'content/severities.yaml', 'The list of severities.'),
  preset: optional(string('name'), 'Which list of severities.'),
  now: optional(moment, 'Another time than now.'),
}

const timers = defineCommand({
  name: 'timers',
  summary: 'Print what an incident owes people, and when. Exits with 1 when something is overdue.',
  args: {},
  options: {
    acknowledged: optional(
      moment,
      'When somebody began to work on it. Default: when a run opened it, or it got a commander.',
    ),
    ...WHICH,
    ...RULES,
  },
  effect: 'read',
  examples: ['runbook incident', 'watch -n 30 runbook incident'],
  run({ options }): Promise<CommandReport> {
    const incident = incidentNamed(options.incidentId, storeOf(options.dir))
    const severity = severityOf(incident, options)
    const now = options.now ?? Date.now()
    const due = owed(incident, severity, now, options.acknowledged)
    const overdue = due.timers.some((timer) => timer.overdue)
    return Promise.resolve({
      document: {
        ok: !overdue,
        incident: incident.id,
        severity: severity.id,
        timers: due.timers.map((one) => ({ ...one, due: new Date(one.due).toISOString() })),
        call: due.calls,
      },
      text: owedText(incident, severity, due, now),
      exitCode: overdue ? 1 : 0,
      hint: 'Do what has a cross first; runbook incident nag tells the team by itself.',
    })
  },
})

const assign = defineCommand({
  name: 'assign',
  summary: 'Give a role to a person, or hand it over; the incident keeps who had it before, and when.',
  args: {},
  options: {
    role: required(string('role'), 'Such as commander, scribe or liaison.'),
    to: required(string('who'), 'Who has it from now on.'),
    ...WHICH,
  },
  effect: 'write',
  examples: ['runbook incident assign --role commander --to bob'],
  async run({ options, dryRun }): Promise<CommandReport> {
    const store = storeOf(options.dir)
    const { role, to } = options
    const incident = incidentNamed(options.incidentId, store)
    const from = holderOf(role, incident) ?? ''
    const was = from === '' ? '' : `, before ${from}`
    const mark = from === to ? '=' : dryRun ? '$' : '+'
    const text = `${mark} ${incident.id} ${role} ${to}${was}\n`
    if (mark === '+')
      await editIncident(store, incident.id, (now) => ({
        ...now,
        changes: [
          ...now.changes,
          {
            at: new Date().toISOString(),
            by: actor(),
            what: 'role',
            role,
            from: holderOf(role, now) ?? '',
            to,
          },
        ],
      }))
    return { document: { ok: true, changed: mark === '+', incident: incident.id, role, from, to }, text }
  },
})

const close = defineCommand({
  name: 'close',
  summary:
    'Close an incident after its review; refuses while its severity requires a postmortem that is not finished.',
  args: {},
  options: {
    incidentId: optional(string('id'), 'The incident. Default: the newest that is over and not closed.'),
    run: optional(string('run'), 'The run that opened it, in place of its id.'),
    postmortem: optional(filePath('file'), 'Default: content/postmortems/<incident>.mdx.'),
    people: withDefault(
      filePath('file'),
      'content/people.yaml',
      'The people, for other spellings of one person.',
    ),
    dir: WHICH.dir,
    severities: RULES.severities,
    preset: RULES.preset,
  },
  effect: 'write',
  examples: ['runbook incident close --incident-id INC-2026-11-21-001'],
  async run({ options, dryRun }): Promise<CommandReport> {
    const store = storeOf(options.dir)
    const incident = toClose(options, store)
    const file = options.postmortem ?? postmortemFile('content/postmortems', incident)
    const severity =
      incident.severity === undefined
        ? undefined
        : severityOf(incident, { ...options, severity: undefined, now: undefined })
    const aliases = readPeople(options.people)?.people.aliases
    const review = orThrow(reviewOf(incident, severity, file, aliases))
    const mark = incident.closed !== undefined ? '=' : dryRun ? '$' : '+'
    const postmortem = review && createHash('sha256').update(review.text).digest('hex')
    if (mark === '+')
      await editIncident(store, incident.id, (now) => ({
        ...now,
        closed: {
          at: new Date().toISOString(),
          by: actor(),
          ...(postmortem !== undefined && { postmortem }),
        },
      }))
    const what = review === undefined ? 'no postmortem is required' : `reviewed in ${review.file}`
    return {
      document: { ok: true, changed: mark === '+', incident: incident.id, postmortem: postmortem ?? null },
      text: `${mark} ${incident.id} closed: ${what}\n`,
    }
  },
})

/** The incident that is meant. @throws {CliError} usage */
function toClose(
  { incidentId, run }: { incidentId?: string | undefined; run?: string | undefined },
  store: Store,
): Incident {
  if (incidentId !== undefined) return incidentNamed(incidentId, store)
  const over = store.incidents().filter((one) => !isOpen(one) && one.resolvedAt !== undefined)
  const match = over.find((one) => (run === undefined ? one.closed === undefined : one.run === run))
  if (match !== undefined) return match
  throw new CliError(
    exit.usage,
    run === undefined
      ? 'Every incident that is over is closed'
      : `The run ${run} opened no incident that is over`,
    'Name one with --incident-id.',
  )
}

const nagging = defineCommand({
  name: 'nag',
  summary: 'Tell the team what is overdue and call the next person, each once, until the incident is over.',
  args: {},
  options: {
    once: flag('Look once, and end.'),
    every: withDefault(duration(), '30s', 'How often to look.'),
    channel: withDefault(string('name'), 'team', 'Who hears what is overdue.'),
    outbox: optional(filePath('folder'), 'Default: NOTIFY_OUTBOX, else .runbook/outbox.'),
    people: withDefault(filePath('file'), 'content/people.yaml', 'The people to call.'),
    templates: withDefault(filePath('file'), TEMPLATES, 'The texts.'),
    ...WHICH,
    ...RULES,
  },
  effect: 'serve',
  examples: ['runbook incident nag'],
  async run({ options }): Promise<CommandReport> {
    const store = storeOf(options.dir)
    const { id } = incidentNamed(options.incidentId, store)
    const rules = readSeverities(options.severities, options.preset)
    const how = {
      rules,
      severity: options.severity,
      outbox: outboxOf(options.outbox),
      people: options.people,
      templates: options.templates,
      channel: options.channel,
    }
    channelNamed(options.channel, rules)
    const read = (): Incident => incidentNamed(id, store)
    if (options.once || options.now !== undefined) {
      const now = options.now ?? Date.now()
      const incident = read()
      const sent = isOpen(incident) ? await nag(incident, now, how) : []
      return {
        document: { ok: true, sent },
        text: sent.map(deliveredText).join('') || 'nothing is overdue\n',
      }
    }
    const show = (sent: readonly Delivered[]): void =>
      void process.stderr.write(sent.map(deliveredText).join(''))
    await nagUntilOver(read, options.every, how, show)
    return { document: { ok: true, incident: id, over: true }, text: `${id} is over\n` }
  },
})

function storeOf(dir: string | undefined): Store {
  return openStore(dir ?? (process.env['STATUS_DIR'] || 'content/status'))
}

function severityOf(incident: Incident, { severity, severities, preset }: Values<typeof RULES>): Severity {
  return severityNamed(severity ?? incident.severity ?? 'P1', readSeverities(severities, preset))
}

export const program = defineProgram({
  name: 'runbook incident',
  summary: 'Watch the clock of an incident, assign its roles, and close it after its review.',
  commands: [timers, assign, nagging, close],
  fallback: 'timers',
})

if (import.meta.main) await runProgram(program)
