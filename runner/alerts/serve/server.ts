import { createServer } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { readWebhook } from '../webhook.ts'
import type { Webhook } from '../webhook.ts'
import { mayEnter } from './auth.ts'
import type { Credentials } from './auth.ts'
import { makeRateLimit } from './rate.ts'

export interface ServerOptions {
  host: string
  port: number
  credentials: Credentials
  /** Largest body in bytes. */
  maxBody: number
  /** Requests a minute, over all senders; as many again that do not know the secret. */
  rate: number
  now: () => number
  /** Takes a webhook in; what it returns is the answer. An exception is answered with 500, and the sender tries again. */
  receive(webhook: Webhook): Promise<object>
  /** Told of requests that were turned away, and of failures. */
  onRefusal(status: number, why: string): void
}

export interface RunningServer {
  address: string
  port: number
  close(): Promise<void>
}

/** In milliseconds. The two limits are only looked at as often as the third says. */
const timeouts = { requestTimeout: 15_000, headersTimeout: 10_000, connectionsCheckingInterval: 1000 }

/** Listens for webhooks. Slow, large and endless requests are cut off. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  // Strangers have a limit of their own: they can neither guess for long nor use up that of who may enter.
  const limits = {
    senders: makeRateLimit(options.rate, options.now),
    strangers: makeRateLimit(options.rate, options.now),
  }
  const server = createServer(timeouts, (request, response) => {
    void answer(request, response, options, limits)
  })
  server.maxConnections = 64
  await listening(server, options)
  const { port } = server.address() as AddressInfo
  const host =
    options.host.includes(':') && !options.host.startsWith('[') ? `[${options.host}]` : options.host
  return { address: `http://${host}:${port}`, port, close: () => closed(server) }
}

function listening(server: Server, { host, port }: ServerOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host.replaceAll(/[[\]]/g, ''), () => resolve())
  })
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}

type Answer = [status: number, body: object]

type Limits = Record<'senders' | 'strangers', () => boolean>

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  options: ServerOptions,
  limits: Limits,
): Promise<void> {
  let [status, body]: Answer = [500, { error: 'It could not be taken in; try again' }]
  try {
    ;[status, body] = await handle(request, options, limits)
    if (status >= 400) options.onRefusal(status, 'error' in body ? String(body.error) : '')
  } catch (error) {
    // Who went away while it was still sending hears no answer.
    if (request.destroyed && !request.complete) return
    options.onRefusal(500, (error as Error).message)
  }
  const text = `${JSON.stringify(body)}\n`
  const headers: Record<string, string | number> = {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-store',
  }
  if (status === 401) headers['www-authenticate'] = 'Basic realm="runbook", Bearer'
  if (status === 429) headers['retry-after'] = 10
  // What is left of a body that was turned away is not read.
  if (status >= 400) headers['connection'] = 'close'
  response.writeHead(status, headers).end(text)
}

async function handle(request: IncomingMessage, options: ServerOptions, limits: Limits): Promise<Answer> {
  const path = (request.url ?? '/').split('?')[0]
  if (path === '/healthz' && request.method === 'GET') return [200, { status: 'ok' }]
  if (path !== '/webhook') return [404, { error: 'There is only /webhook here' }]
  if (request.method !== 'POST') return [405, { error: 'Webhooks are sent with POST' }]
  const known = mayEnter(request.headers.authorization, options.credentials)
  if (!limits[known ? 'senders' : 'strangers']()) return [429, { error: 'Too many requests' }]
  if (!known) return [401, { error: 'Not authorized' }]
  // A page in somebody's browser can reach a loopback address too; no sender of webhooks names an origin.
  if (request.headers.origin !== undefined) return [403, { error: 'Browsers may not send alerts' }]
  if (!/^application\/json\b/i.test(request.headers['content-type'] ?? ''))
    return [415, { error: 'Expected application/json' }]
  const body = await readBody(request, options.maxBody)
  if (body === undefined) return [413, { error: `Larger than ${options.maxBody} bytes` }]
  const webhook = readWebhook(body)
  return 'problem' in webhook ? [400, { error: webhook.problem }] : [200, await options.receive(webhook)]
}

async function readBody(request: IncomingMessage, limit: number): Promise<string | undefined> {
  if (Number(request.headers['content-length'] ?? 0) > limit) return undefined
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > limit) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}
