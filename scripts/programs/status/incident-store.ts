import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { stringify } from 'yaml'
import * as z from 'zod'
import type { Component, Incident, IncidentUpdate } from '../../../runner/status/incident-file.ts'
import { componentsOf, isOpen } from '../../../runner/status/incident-file.ts'
import { readComponents, readIncident, readIncidents } from '../../../runner/status/read-incidents.ts'
import { writeAtomically } from '../../lib/atomic.ts'
import { CliError } from '../../../runner/kit/error.ts'
import { exit } from '../../../runner/kit/exit.ts'
import { messageOf } from '../../lib/errors.ts'
import { withFileLock } from '../../lib/file-lock.ts'
import { suggestion } from '../../../runner/model/suggest.ts'

/** The incidents and components in a folder. */
export interface Store {
  folder: string
  components: Component[]
  incidents(): Incident[]
  file(id: string): string
  /** Keeps the last id that was given, which outlives its incident. */
  given: string
}

/** @throws {CliError} when a file there cannot be read */
export function openStore(folder: string): Store {
  const components = readable(() => readComponents(folder))
  if (components.length === 0)
    throw new CliError(
      exit.failed,
      `${folder} has no components: a status page shows components; there is no components.yml`,
      'Copy content/status/components.yml, or give another --dir.',
    )
  return {
    folder,
    components,
    incidents: () => readable(() => readIncidents(folder)),
    file: (id) => join(folder, 'incidents', `${id}.md`),
    given: join(folder, 'incidents', '.last-id'),
  }
}

function readable<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    throw new CliError(
      exit.failed,
      `The status page cannot be read: ${messageOf(error)}`,
      'Correct that file.',
    )
  }
}

/** The components of a comma-separated list; `all` is every one. @throws {CliError} usage, with a suggestion */
export function componentIds(text: string, { components }: Store): string[] {
  if (text === 'all') return components.map(({ id }) => id)
  const ids = components.map(({ id }) => id)
  return text.split(',').map((part) => {
    const id = part.trim()
    if (ids.includes(id)) return id
    throw new CliError(
      exit.usage,
      `Unknown component \`${id}\`: components.yml does not list it`,
      suggestion(id, [...ids, 'all']),
    )
  })
}

/** The incident of an id, here or elsewhere; `last` is the newest that is open. @throws {CliError} usage */
export function incidentNamed(id: string, store: Store): Incident {
  const incidents = store.incidents()
  const isNamed = (incident: Incident): boolean =>
    incident.id === id || Object.values(incident.providerIds).includes(id)
  const match = id === 'last' ? incidents.find(isOpen) : incidents.find(isNamed)
  if (match !== undefined) return match
  const open = incidents.filter(isOpen).map((incident) => incident.id)
  throw new CliError(
    exit.usage,
    `There is no incident ${id}: ${open.length === 0 ? 'no incident is open' : `open are ${open.join(', ')}`}`,
    open.length === 0
      ? `Create it: --action create --incident-id ${id} keeps that id with it.`
      : suggestion(id, open),
  )
}

/** Whether a name has the form of an id of ours: `INC-YYYY-MM-DD-NNN`, of a day that exists. */
export function isIncidentId(name: string): boolean {
  const [, day = ''] = /^INC-(\d{4}-\d\d-\d\d)-\d{3,}$/.exec(name) ?? []
  return z.iso.date().safeParse(day).success
}

/** Writes a new incident under the next id of its day, `INC-YYYY-MM-DD-NNN`. No id is given twice, not even after a deletion. */
export async function createIncident(
  store: Store,
  incident: Omit<Incident, 'id'>,
): Promise<{ incident: Incident; created: boolean }> {
  const day = incident.startedAt.slice(0, 10)
  return await withFileLock(join(store.folder, 'incidents', '.new'), async () => {
    // A command that is repeated after a crash, by the same step of the same run, finds what it made.
    const mine = store.incidents().find(({ key }) => incident.key !== '' && key === incident.key)
    if (mine !== undefined) return { incident: mine, created: false }
    const id = await freeId(store, day)
    const made = { ...incident, id }
    await writeAtomically(store.given, `${id}\n`)
    await write(store, made)
    return { incident: made, created: true }
  })
}

async function freeId(store: Store, day: string): Promise<string> {
  const last = await readFile(store.given, 'utf8').catch(() => '')
  const ids = [last.trim(), ...store.incidents().map(({ id }) => id)]
  const numbers = ids.map((id) => Number(new RegExp(`^INC-${day}-(\\d+)$`).exec(id)?.[1] ?? 0))
  return `INC-${day}-${String(Math.max(0, ...numbers) + 1).padStart(3, '0')}`
}

/** Changes an incident as it is on the disk now, and reads it back. */
export async function editIncident(
  store: Store,
  id: string,
  make: (incident: Incident) => Incident,
): Promise<Incident> {
  return await withFileLock(store.file(id), async () => {
    await write(store, make(readable(() => readIncident(store.file(id)))))
    return readable(() => readIncident(store.file(id)))
  })
}

/** Adds an update unless it is there already. */
export function withUpdate(incident: Incident, update: IncidentUpdate): Incident {
  if (incident.updates.some(({ id }) => id === update.id)) return incident
  const ended = update.status === 'resolved' || update.status === 'completed'
  const { resolvedAt: _, ...open } = incident
  return { ...open, updates: [...incident.updates, update], ...(ended && { resolvedAt: update.at }) }
}

async function write(store: Store, incident: Incident): Promise<void> {
  const named = componentsOf(incident).map((id) => store.components.find((one) => one.id === id)?.name ?? id)
  const text = [
    '---',
    stringify(incident, { lineWidth: 100 }).trimEnd(),
    '---',
    '',
    `${incident.title} (${named.join(', ') || 'no component'}). Written by \`runbook status\`.`,
    '',
  ]
  await writeAtomically(store.file(incident.id), text.join('\n'))
}
