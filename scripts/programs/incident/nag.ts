import { setTimeout as sleep } from 'node:timers/promises'
import { formatDuration } from '../../../runner/model/values/duration.ts'
import { isOpen } from '../../../runner/status/incident-file.ts'
import type { Incident } from '../../../runner/status/incident-file.ts'
import type { Severities, Severity } from '../../../runner/status/severities.ts'
import { type Delivered, addressed, sendAll } from '../notify/send.ts'
import { severityNamed } from '../notify/severity-channels.ts'
import { fill, readTemplates } from '../notify/message-template.ts'
import { owed } from './deadlines.ts'

export interface NagOptions {
  rules: Severities
  /** The severity of an incident that has none. */
  severity: string | undefined
  outbox: string
  people: string
  templates: string
  /** Who hears that something is overdue. */
  channel: string
}

/**
 * Tells the team what is overdue, and the next person that nobody has acknowledged: each once, however often this
 * is called.
 * @param now milliseconds since the epoch
 */
export async function nag(incident: Incident, now: number, options: NagOptions): Promise<Delivered[]> {
  const { rules, outbox, people } = options
  const severity = severityNamed(incident.severity ?? options.severity ?? 'P1', rules)
  const letters = reminders(incident, severity, now, options).flatMap((letter) => {
    const { letters: all, problem } = addressed(letter, people, rules)
    if (problem !== undefined) process.stderr.write(`${letter.channel}: ${problem}\n`)
    return all
  })
  return await sendAll(outbox, letters, rules)
}

function reminders(
  incident: Incident,
  severity: Severity,
  now: number,
  { rules, templates, channel }: NagOptions,
) {
  const texts = readTemplates(templates)
  const { timers, calls } = owed(incident, severity, now)
  const about = { id: incident.id, severity: severity.id, title: incident.title }
  const base = { link: '', severity: severity.id, action: 'trigger' as const, subject: incident.id }
  const late = timers
    .filter(({ overdue }) => overdue)
    .map(({ name, due }) => ({
      ...base,
      // The same moment that passed is one event; the next moment is another.
      event: `${incident.id}/${name}/${new Date(due).toISOString()}`,
      channel,
      message: fill(texts, 'overdue', { ...about, what: name, since: formatDuration(now - due) }),
    }))
  const called = calls.map((role) => ({
    ...base,
    event: `${incident.id}/call/${role}`,
    channel: rules.channels[role] === undefined ? channel : role,
    message: fill(texts, 'escalation', { ...about, role }),
  }))
  return [...late, ...called]
}

/** Nags until the incident is over; `told` hears what was sent each time. */
export async function nagUntilOver(
  read: () => Incident,
  everyMs: number,
  options: NagOptions,
  told: (sent: readonly Delivered[]) => void,
): Promise<void> {
  for (let incident = read(); isOpen(incident); incident = read()) {
    const sent = await nag(incident, Date.now(), options)
    told(sent.filter(({ already }) => !already))
    await sleep(everyMs)
  }
}
