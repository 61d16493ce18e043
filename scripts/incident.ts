import type { Incident } from '../runner/status/incident.ts'
import { holderOf, isOpen } from '../runner/status/incident.ts'
import type { Severity } from '../runner/status/severities.ts'
import { owed, owedText } from './incident/due.ts'
import { nag, nagUntilOver } from './incident/nag.ts'
import { COMMON, DRY_RUN } from './lib/args.ts'
import { type Outcome, type Program, command } from './lib/command.ts'
import { usageFailure } from './lib/failure.ts'
import { runProgram } from './lib/program.ts'
import { duration, required } from './lib/values.ts'
import { type Delivered, channelNamed, deliveredText, outboxOf } from './notify/send.ts'
import { readSeverities, severityNamed } from './notify/severities.ts'
import { TEMPLATES } from './notify/template.ts'
import { actor } from './status/change.ts'
import { type Store, editIncident, incidentNamed, openStore } from './status/store.ts'

const WHICH = {
  'incident-id': { type: 'string', value: 'ID', help: 'Default last: the newest open one.' },
  dir: {
    type: 'string',
    value: 'DIR',
    help: 'Folder of the status page (default STATUS_DIR, else content/status).',
  },
} as const

const RULES = {
  severity: { type: 'string', value: 'ID', help: 'Default: the one kept with the incident, else P1.' },
  severities: { type: 'string', value: 'FILE', help: 'Default content/severities.yaml.' },
  preset: { type: 'string', value: 'NAME', help: 'Which list of severities.' },
  now: { type: 'string', value: 'TIME', help: 'Another time than now, ISO 8601.' },
} as const

const timers = command({
  summary: 'says what an incident owes people, and when. Exits with 1 when something is overdue.',
  options: {
    acknowledged: {
      type: 'string',
      value: 'TIME',
      help: 'When somebody began to work on it, ISO 8601 (default: when a run opened it, or it got a commander).',
    },
    ...WHICH,
    ...RULES,
    ...COMMON,
  } as const,
  examples: ['node scripts/incident.ts', 'watch -n 30 node scripts/incident.ts'],
  run(values): Promise<Outcome> {
    const incident = incidentNamed(values['incident-id'] ?? 'last', storeOf(values.dir))
    const severity = severityOf(incident, values)
    const now = values.now === undefined ? Date.now() : moment(values.now, '--now')
    const given = values.acknowledged
    const due = owed(
      incident,
      severity,
      now,
      given === undefined ? undefined : moment(given, '--acknowledged'),
    )
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
      remedy: 'Do what has a cross first; node scripts/incident.ts nag tells the team by itself.',
    })
  },
})

const assign = command({
  summary:
    'gives a role to somebody, or hands it over; who had it before, and when, stays with the incident.',
  options: {
    role: { type: 'string', value: 'ROLE', help: 'Such as commander, scribe or liaison.' },
    to: { type: 'string', value: 'WHO', help: 'Who has it from now on.' },
    ...WHICH,
    ...DRY_RUN,
    ...COMMON,
  } as const,
  examples: ['node scripts/incident.ts assign --role commander --to bob'],
  async run(values): Promise<Outcome> {
    const store = storeOf(values.dir)
    const role = required(values.role, '--role')
    const to = required(values.to, '--to')
    const incident = incidentNamed(values['incident-id'] ?? 'last', store)
    const from = holderOf(role, incident) ?? ''
    const was = from === '' ? '' : `, before ${from}`
    const mark = from === to ? '=' : values['dry-run'] === true ? '$' : '+'
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

const nagging = command({
  summary: 'tells the team what is overdue and calls the next person, each once, until the incident is over.',
  options: {
    once: { type: 'boolean', help: 'Look once, and end.' },
    every: { type: 'string', value: 'TIME', help: 'How often to look (default 30s).' },
    channel: { type: 'string', value: 'NAME', help: 'Who hears what is overdue (default team).' },
    outbox: { type: 'string', value: 'DIR', help: 'Default NOTIFY_OUTBOX, else .runbook/outbox.' },
    people: { type: 'string', value: 'FILE', help: 'Default content/people.yaml.' },
    templates: { type: 'string', value: 'FILE', help: `Default ${TEMPLATES}.` },
    ...WHICH,
    ...RULES,
    ...COMMON,
  } as const,
  examples: ['node scripts/incident.ts nag'],
  async run(values): Promise<Outcome> {
    const store = storeOf(values.dir)
    const { id } = incidentNamed(values['incident-id'] ?? 'last', store)
    const rules = readSeverities(values.severities ?? 'content/severities.yaml', values.preset)
    const options = {
      rules,
      severity: values.severity ?? 'P1',
      outbox: outboxOf(values.outbox),
      people: values.people ?? 'content/people.yaml',
      templates: values.templates ?? TEMPLATES,
      channel: values.channel ?? 'team',
    }
    channelNamed(options.channel, rules)
    const read = (): Incident => incidentNamed(id, store)
    if (values.once === true || values.now !== undefined) {
      const now = values.now === undefined ? Date.now() : moment(values.now, '--now')
      const incident = read()
      const sent = isOpen(incident) ? await nag(incident, now, options) : []
      return {
        document: { ok: true, sent },
        text: sent.map(deliveredText).join('') || 'nothing is overdue\n',
      }
    }
    const show = (sent: readonly Delivered[]): void =>
      void process.stderr.write(sent.map(deliveredText).join(''))
    await nagUntilOver(read, duration(values.every ?? '30s', '--every'), options, show)
    return { document: { ok: true, incident: id, over: true }, text: `${id} is over\n` }
  },
})

function storeOf(dir: string | undefined): Store {
  return openStore(dir ?? (process.env['STATUS_DIR'] || 'content/status'))
}

function severityOf(
  incident: Incident,
  given: { severity?: string; severities?: string; preset?: string },
): Severity {
  const rules = readSeverities(given.severities ?? 'content/severities.yaml', given.preset)
  return severityNamed(given.severity ?? incident.severity ?? 'P1', rules)
}

function moment(text: string, flag: string): number {
  const at = Date.parse(text)
  if (!Number.isNaN(at)) return at
  throw usageFailure(
    `Unexpected time "${text}" for ${flag}.`,
    'Expected ISO 8601.',
    `Such as ${flag} 2026-11-21T09:00:00Z.`,
  )
}

export const program: Program = {
  name: 'node scripts/incident.ts',
  summary: 'the clock and the roles of an incident.',
  commands: { timers, assign, nag: nagging },
  fallback: 'timers',
}

if (import.meta.main) await runProgram(program)
