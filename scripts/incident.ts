import { isOpen } from '../runner/status/incident.ts'
import type { Incident } from '../runner/status/incident.ts'
import { escalations, timersOf } from '../runner/status/times.ts'
import { formatDuration } from '../runner/model/duration.ts'
import { COMMON } from './lib/args.ts'
import { type Outcome, command } from './lib/command.ts'
import { usageFailure } from './lib/failure.ts'
import { runProgram } from './lib/program.ts'
import { readSeverities, severityNamed } from './notify/severities.ts'
import { incidentNamed, openStore } from './status/store.ts'

const OPTIONS = {
  'incident-id': { type: 'string', value: 'ID', help: 'Default last: the newest open one.' },
  severity: { type: 'string', value: 'ID', help: 'Default: the one kept with the incident, else P1.' },
  acknowledged: {
    type: 'string',
    value: 'TIME',
    help: 'When somebody began to work on it, ISO 8601 (default: its first update by a run).',
  },
  now: { type: 'string', value: 'TIME', help: 'Another time than now, ISO 8601.' },
  dir: {
    type: 'string',
    value: 'DIR',
    help: 'Folder of the status page (default STATUS_DIR, else content/status).',
  },
  severities: { type: 'string', value: 'FILE', help: 'Default content/severities.yaml.' },
  preset: { type: 'string', value: 'NAME', help: 'Which list of severities.' },
  ...COMMON,
} as const

const timers = command({
  summary: 'says what an incident owes people, and when. Exits with 1 when something is overdue.',
  options: OPTIONS,
  examples: ['node scripts/incident.ts', 'watch -n 30 node scripts/incident.ts'],
  run(values): Promise<Outcome> {
    const store = openStore(values.dir ?? (process.env['STATUS_DIR'] || 'content/status'))
    const incident = incidentNamed(values['incident-id'] ?? 'last', store)
    const rules = readSeverities(values.severities ?? 'content/severities.yaml', values.preset)
    const severity = severityNamed(values.severity ?? incident.severity ?? 'P1', rules)
    const now = values.now === undefined ? Date.now() : moment(values.now, '--now')
    const acknowledged = acknowledgedAt(values.acknowledged, incident)
    const due = timersOf(incident, severity, now, acknowledged !== undefined)
    const called = isOpen(incident)
      ? escalations(severity, Date.parse(incident.startedAt), now, acknowledged)
      : []
    const overdue = due.some((timer) => timer.overdue)
    const lines = due.map(({ name, due: at, overdue: late }) => {
      const distance = formatDuration(Math.abs(at - now))
      return `${late ? '✕' : '…'} ${name.padEnd(10)} ${late ? `${distance} overdue` : `in ${distance}`}\n`
    })
    const calls = called.map((role) => `→ call ${role}\n`)
    return Promise.resolve({
      document: {
        ok: !overdue,
        incident: incident.id,
        severity: severity.id,
        timers: due.map((one) => ({ ...one, due: new Date(one.due).toISOString() })),
        call: called,
      },
      text: `${incident.id} ${severity.id}\n${lines.join('')}${calls.join('')}`,
      exitCode: overdue ? 1 : 0,
    })
  },
})

function acknowledgedAt(given: string | undefined, incident: Incident): number | undefined {
  if (given !== undefined) return moment(given, '--acknowledged')
  return incident.run === undefined ? undefined : Date.parse(incident.startedAt)
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

if (import.meta.main) {
  await runProgram({
    name: 'node scripts/incident.ts',
    summary: 'the clock of an incident.',
    commands: { timers },
    fallback: 'timers',
  })
}
