import { type IncomingMessage, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/**
 * A small Statuspage: pages, incidents and components as its API keeps them, its limit of one request a second, and
 * what goes wrong on the way. What may be asked and answered is checked by the proxy in front of it.
 */
export interface StatuspageServer {
  url: string
  incidents: StoredIncident[]
  components: { id: string; name: string; status: string }[]
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

/** A body that the proxy has let through. */
interface Sent {
  incident: {
    name?: string
    status?: string
    impact_override?: string
    metadata?: object
    body?: string
    components?: Record<string, string>
  }
}

type Answer = [number, unknown]

export async function statuspageServer(names: readonly string[]): Promise<StatuspageServer> {
  let last = -1000
  const self: StatuspageServer = {
    url: '',
    incidents: [],
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
    const match = self.incidents.find((incident) => incident.id === id)
    if (method === 'GET' && path === '/v1/pages/p1/components') return [200, self.components]
    if (method === 'GET' && path === '/v1/pages/p1/incidents') return [200, self.incidents]
    if (method === 'GET' && match) return [200, match]
    if (method === 'POST' && path === '/v1/pages/p1/incidents') return created(body as Sent)
    if (method === 'PATCH' && match) return changed(match, body as Sent)
    return [404, { error: 'not found' }]
  }

  function created({ incident: sent }: Sent): Answer {
    const { name = '', status = 'investigating', impact_override, metadata = {}, body = '' } = sent
    const id = `i${self.incidents.length}`
    const incident_updates = [{ status, body }]
    const incident = { id, name, status, impact_override, metadata, incident_updates }
    self.incidents.push(incident)
    set(sent.components)
    return [201, incident]
  }

  function changed(incident: StoredIncident, { incident: sent }: Sent): Answer {
    incident.status = sent.status ?? incident.status
    incident.incident_updates.unshift({ status: incident.status, body: sent.body ?? '' })
    set(sent.components)
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
