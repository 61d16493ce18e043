import type { ComponentStatus, Incident } from '../../runner/status/incident-file.ts'
import { statusOf } from '../../runner/status/incident-file.ts'
import { CliError } from '../../runner/kit/error.ts'
import { exit } from '../../runner/kit/exit.ts'
import { quoteWhole } from '../../runner/model/quote.ts'
import { hide } from '../lib/hide.ts'
import { isRecord } from '../../runner/model/values/json.ts'
import { NoAnswer, type Pace, type PoliteAnswer, politely, REAL_PACE } from './polite.ts'
import type { Store } from '../programs/status/incident-store.ts'

export interface StatuspageOptions {
  /** Such as `https://api.statuspage.io`. */
  url: string
  page: string
  token: string
  pace?: Pace
}

/** An incident there, as far as it matters here. */
interface Remote {
  id: string
  status: string
  metadata?: { runbook?: { id?: string } }
  incident_updates?: { status: string; body: string }[]
}

interface RemoteComponent {
  id: string
  name: string
  status: string
}

const CREATE_TRIES = 3
/** Longest answer that is told, in characters. */
const QUOTED = 300
/** Longest name of an incident there, in characters. */
const NAME_MAX = 255

/**
 * Brings an incident to Statuspage: creates it, or posts its newest update. Its API takes one request a second and
 * knows no idempotency key, so what is there is read before anything is created, and again when no answer came.
 * @returns the id of the incident there
 */
export function statuspage({ url, page, token, pace = REAL_PACE }: StatuspageOptions): {
  publish(incident: Incident, store: Store): Promise<string>
} {
  const ask = politely({ everyMs: 1000, tries: 5, limitMs: 10_000, pace })
  const base = `${url}/v1/pages/${encodeURIComponent(page)}`
  const headers = { authorization: `OAuth ${token}` }

  async function call(method: string, path: string, body?: object): Promise<unknown> {
    const request = { method, url: base + path, headers, repeatable: method === 'GET', ...(body && { body }) }
    return accepted(await ask(request), `${method} ${path}`, token)
  }

  async function find(incident: Incident): Promise<Remote | undefined> {
    const remoteId = incident.providerIds['statuspage']
    if (remoteId !== undefined) return (await call('GET', `/incidents/${remoteId}`)) as Remote
    const foreign = incident.providerIds['other']
    const opened = foreign === undefined ? undefined : await lookUp(foreign)
    if (opened !== undefined) return opened
    const recent = (await call('GET', '/incidents?limit=100')) as Remote[]
    return recent.find(({ metadata }) => metadata?.runbook?.id === incident.id)
  }

  /** An incident that somebody opened there by hand, by its id there. */
  async function lookUp(id: string): Promise<Remote | undefined> {
    const path = `/incidents/${encodeURIComponent(id)}`
    const answer = await ask({ method: 'GET', url: base + path, headers, repeatable: true })
    return answer.status === 404 ? undefined : (accepted(answer, `GET ${path}`, token) as Remote)
  }

  async function create(incident: Incident, components: Record<string, string>): Promise<Remote> {
    for (let left = CREATE_TRIES; ; left--) {
      try {
        return (await call('POST', '/incidents', { incident: newBody(incident, components) })) as Remote
      } catch (error) {
        if (!(error instanceof NoAnswer) || left <= 1) throw error
        const arrived = await find(incident)
        if (arrived !== undefined) return arrived
      }
    }
  }

  async function update(
    incident: Incident,
    remote: Remote,
    components: Record<string, string>,
  ): Promise<void> {
    const { status, body } = incident.updates.at(-1) ?? { status: 'investigating', body: '' }
    const isThere = (current: Remote | undefined): boolean =>
      current?.status === status && current.incident_updates?.[0]?.body === body
    if (isThere(remote)) return
    try {
      await call('PATCH', `/incidents/${remote.id}`, {
        incident: { status, impact_override: incident.impact, body, components },
      })
    } catch (error) {
      const arrived =
        error instanceof NoAnswer && isThere((await call('GET', `/incidents/${remote.id}`)) as Remote)
      if (!arrived) throw error
    }
  }

  return {
    async publish(incident, store) {
      const all = (await call('GET', '/components')) as RemoteComponent[]
      const wanted = componentStatuses(incident, store, all)
      const remote = await find(incident)
      const { id } = remote ?? (await create(incident, wanted))
      if (remote !== undefined) await update(incident, remote, wanted)
      await readBack(id, incident, wanted, (path) => call('GET', path))
      return id
    },
  }
}

/** The current states of the components, by their ids there. */
function componentStatuses(
  incident: Incident,
  store: Store,
  remote: readonly RemoteComponent[],
): Record<string, ComponentStatus> {
  const now = Object.assign({}, ...incident.updates.map(({ components }) => components)) as Record<
    string,
    ComponentStatus
  >
  return Object.fromEntries(
    Object.entries(now).map(([id, status]) => {
      const component = store.components.find((one) => one.id === id)
      const name = component?.name.toLowerCase()
      const remoteId =
        component?.providerIds['statuspage'] ??
        remote.find((one) => [id, name].includes(one.name.toLowerCase()))?.id
      if (remoteId !== undefined) return [remoteId, status]
      throw new CliError(
        exit.failed,
        `Statuspage has no component for ${id}: it has ${remote.map((one) => one.name).join(', ')}`,
        `Add "providerIds: { statuspage: … }" to ${id} in components.yml.`,
      )
    }),
  )
}

function newBody(incident: Incident, components: Record<string, string>): object {
  const first = incident.updates[0]
  const planned = incident.impact === 'maintenance'
  const from = incident.scheduledFor ?? incident.startedAt
  return {
    name: incident.title.slice(0, NAME_MAX),
    // There is no status "maintenance": it is one that is scheduled, or in progress, with that impact.
    status: statusOf(incident),
    impact_override: incident.impact,
    body: incident.updates.at(-1)?.body ?? first?.body ?? '',
    components,
    component_ids: Object.keys(components),
    metadata: { runbook: { id: incident.id, run_id: incident.run ?? '' } },
    ...(planned && {
      scheduled_for: from,
      scheduled_until: incident.scheduledUntil ?? new Date(Date.parse(from) + 3_600_000).toISOString(),
      scheduled_auto_in_progress: false,
      scheduled_auto_completed: false,
    }),
  }
}

async function readBack(
  id: string,
  incident: Incident,
  wanted: Record<string, string>,
  get: (path: string) => Promise<unknown>,
): Promise<void> {
  const { status } = (await get(`/incidents/${id}`)) as Remote
  const components = (await get('/components')) as RemoteComponent[]
  const off = components.find((one) => wanted[one.id] !== undefined && wanted[one.id] !== one.status)
  if (status === statusOf(incident) && off === undefined) return
  throw new CliError(
    exit.failed,
    `Statuspage does not show what was sent: ${
      off === undefined
        ? `The incident is ${status} there, expected ${statusOf(incident)}.`
        : `${off.name} is ${off.status} there, expected ${wanted[off.id] ?? ''}.`
    }`,
    'Another incident may hold the component: look at the page, then run this again.',
  )
}

function accepted({ status, text }: PoliteAnswer, what: string, token: string): unknown {
  let body: unknown
  try {
    body = JSON.parse(text)
  } catch {
    body = undefined
  }
  if (status < 300 && body !== undefined) return body
  const error = isRecord(body) ? body['error'] : undefined
  // The answer of the service may repeat the request.
  const why = hide(typeof error === 'string' ? error : JSON.stringify(error ?? ''), [token])
  throw new CliError(
    exit.failed,
    `Statuspage refused ${what}: it answered ${status}: ${quoteWhole(why, QUOTED)}`,
    status === 401
      ? 'Check STATUS_PAGE_API_KEY.'
      : status === 404
        ? 'Check STATUS_PAGE_ID.'
        : 'The message above is its own.',
  )
}
