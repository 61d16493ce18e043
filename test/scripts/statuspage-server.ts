import { type IncomingMessage, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import * as z from 'zod'

/**
 * A server that takes no more than what the public OpenAPI description of Statuspage v1 takes for the operations in
 * use: paths, methods, names, types and lengths of fields, their values, and the limit of one request a second. It answers 422 to
 * anything else and writes it down.
 */
export interface StatuspageServer {
  url: string
  incidents: StoredIncident[]
  components: { id: string; name: string; status: string }[]
  violations: string[]
  /** Statuses of the next answers, with `Retry-After: 7`. */
  refuse: number[]
  /** The next request with this method takes effect, and its connection breaks. */
  loseAnswerTo: string
  key: string
  now: () => number
  /** Requests that came within a second of the one before. */
  tooFast: number
  close(): void
}

interface StoredIncident {
  id: string
  name: string
  status: string
  impact_override?: string | undefined
  metadata: object
  incident_updates: { status: string; body: string }[]
}

const status = z.enum([
  'investigating',
  'identified',
  'monitoring',
  'resolved',
  'scheduled',
  'in_progress',
  'verifying',
  'completed',
])
const component = z.enum([
  'operational',
  'under_maintenance',
  'degraded_performance',
  'partial_outage',
  'major_outage',
])
const fields = {
  status: status.optional(),
  impact_override: z.enum(['none', 'maintenance', 'minor', 'major', 'critical']).optional(),
  body: z.string().max(25_000).optional(),
  scheduled_for: z.iso.datetime().optional(),
  scheduled_until: z.iso.datetime().optional(),
  scheduled_auto_in_progress: z.boolean().optional(),
  scheduled_auto_completed: z.boolean().optional(),
  deliver_notifications: z.boolean().optional(),
  metadata: z.record(z.string(), z.record(z.string(), z.unknown())).optional(),
  components: z.record(z.string(), component).optional(),
  component_ids: z.array(z.string()).optional(),
}
const post = z.strictObject({ incident: z.strictObject({ name: z.string().min(1).max(255), ...fields }) })
const patch = z.strictObject({
  incident: z.strictObject({ name: z.string().max(255).optional(), ...fields }),
})

type Answer = [number, unknown]

export async function statuspageServer(names: readonly string[]): Promise<StatuspageServer> {
  let last = -1000
  const self: StatuspageServer = {
    url: '',
    incidents: [],
    violations: [],
    refuse: [],
    loseAnswerTo: '',
    key: 'canary-key',
    tooFast: 0,
    components: names.map((name, index) => ({ id: `c${index}`, name, status: 'operational' })),
    now: () => performance.now(),
    close: () => server.close().closeAllConnections(),
  }

  function answer(method: string, path: string, body: unknown, authorization: string): Answer {
    if (authorization !== `OAuth ${self.key}`) return [401, { error: 'Could not authenticate' }]
    const [, id] = /^\/v1\/pages\/p1\/incidents\/(\w+)$/.exec(path) ?? []
    const found = self.incidents.find((incident) => incident.id === id)
    if (method === 'GET' && path === '/v1/pages/p1/components') return [200, self.components]
    if (method === 'GET' && path === '/v1/pages/p1/incidents') return [200, self.incidents]
    if (method === 'GET' && found) return [200, found]
    if (method === 'POST' && path === '/v1/pages/p1/incidents') return created(body)
    if (method === 'PATCH' && found) return changed(found, body)
    return [404, { error: 'not found' }]
  }

  function invalid(error: z.ZodError): Answer {
    self.violations.push(z.prettifyError(error))
    return [422, { error: [z.prettifyError(error)] }]
  }

  function created(body: unknown): Answer {
    const read = post.safeParse(body)
    if (!read.success) return invalid(read.error)
    const {
      name,
      status: now = 'investigating',
      impact_override,
      metadata = {},
      body: text = '',
      components,
    } = read.data.incident
    const incident = {
      id: `i${self.incidents.length}`,
      name,
      status: now,
      impact_override,
      metadata,
      incident_updates: [{ status: now, body: text }],
    }
    self.incidents.push(incident)
    set(components)
    return [201, incident]
  }

  function changed(incident: StoredIncident, body: unknown): Answer {
    const read = patch.safeParse(body)
    if (!read.success) return invalid(read.error)
    const { status: now = incident.status, body: text = '', components } = read.data.incident
    incident.status = now
    incident.incident_updates.unshift({ status: now, body: text })
    set(components)
    return [200, incident]
  }

  function set(components: Record<string, string> = {}): void {
    for (const one of self.components) one.status = components[one.id] ?? one.status
  }

  const server = createServer((request, response) => {
    void bodyOf(request).then((text) => {
      const method = request.method ?? ''
      if (self.now() - last < 999) self.tooFast++
      last = self.now()
      const refusal = self.refuse.shift()
      if (refusal !== undefined)
        return response.writeHead(refusal, { 'retry-after': '7' }).end('{"error":"limit"}')
      const path = (request.url ?? '').split('?')[0] ?? ''
      const [code, document] = answer(
        method,
        path,
        text === '' ? undefined : JSON.parse(text),
        request.headers.authorization ?? '',
      )
      if (self.loseAnswerTo === method) {
        self.loseAnswerTo = ''
        return response.destroy()
      }
      return response.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify(document))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  self.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return self
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of request) text += String(chunk)
  return text
}
