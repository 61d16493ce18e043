import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { isLoopback } from '../../alerts/serve/auth.ts'

export interface Answer {
  body: string | Uint8Array
  type: string
  headers?: Record<string, string>
  /** 200 unless said otherwise. */
  status?: number
}

/** Something that knows pages by their path below the site's base, such as `runs/`; undefined for those it does not know. */
export interface Source {
  answer(path: string): Promise<Answer | undefined>
  /** What the answer depends on, cheap to ask; a browser that has the same is told so without an answer being made. */
  version?(path: string): string | undefined
}

interface Running {
  address: string
  close(): Promise<void>
}

/** Answers readers on this machine: reads only, and writes nothing anywhere. */
export async function startServer(
  host: string,
  port: number,
  base: string,
  sources: readonly Source[],
): Promise<Running> {
  const server = createServer({ requestTimeout: 15_000, headersTimeout: 10_000 }, (request, response) => {
    void respond(request, response, base, sources)
  })
  server.maxConnections = 64
  await new Promise<void>((listening, failed) => {
    server.once('error', failed)
    server.listen(port, host.replaceAll(/[[\]]/g, ''), () => listening())
  })
  const { port: own } = server.address() as AddressInfo
  const shown = host.includes(':') && !host.startsWith('[') ? `[${host}]` : host
  return {
    address: `http://${shown}:${own}${base}`,
    close: () =>
      new Promise((closed) => {
        server.close(() => closed())
        server.closeAllConnections()
      }),
  }
}

async function respond(
  request: IncomingMessage,
  response: ServerResponse,
  base: string,
  sources: readonly Source[],
): Promise<void> {
  try {
    await handle(request, response, base, sources)
  } catch {
    plain(
      response,
      500,
      'This page could not be made. What it is made from may be damaged; see `runbook verify`.',
    )
  }
}

async function handle(
  request: IncomingMessage,
  response: ServerResponse,
  base: string,
  sources: readonly Source[],
): Promise<void> {
  // A page of another site can make its name lead here; it cannot make the browser say a name of this machine.
  if (!isOwnName(request.headers.host))
    return plain(response, 421, 'Ask for this site as 127.0.0.1 or localhost')
  if (request.method !== 'GET' && request.method !== 'HEAD')
    return plain(response, 405, 'This server only reads')
  const path = pathOf(request.url ?? '/', base)
  if (path === undefined) return plain(response, 404, `The site is at ${base}`)
  for (const source of sources) {
    const version = source.version?.(path)
    const early = version === undefined ? undefined : etagOf(version)
    if (early !== undefined && request.headers['if-none-match'] === early) return unchanged(response, early)
    const found = await source.answer(path)
    if (found) return send(request, response, found, early ?? etagOf(found.body))
  }
  plain(response, 404, 'There is no such page')
}

function isOwnName(host: string | undefined): boolean {
  return host !== undefined && isLoopback(host.replace(/:\d{1,5}$/, ''))
}

/** The path below the base, decoded; undefined for one that leads elsewhere or cannot be a page. */
function pathOf(url: string, base: string): string | undefined {
  let path: string
  try {
    path = decodeURIComponent(url.replace(/[?#].*$/, ''))
  } catch {
    return undefined
  }
  const odd = /[\\\u0000]|\/\/|(^|\/)\.\.?(\/|$)/.test(path)
  return odd || !path.startsWith(base) ? undefined : path.slice(base.length)
}

function send(request: IncomingMessage, response: ServerResponse, found: Answer, etag: string): void {
  if (request.headers['if-none-match'] === etag) return unchanged(response, etag)
  const body = typeof found.body === 'string' ? Buffer.from(found.body) : found.body
  const headers = {
    ...found.headers,
    ...always,
    etag,
    'content-type': found.type,
    'content-length': body.length,
  }
  response.writeHead(found.status ?? 200, headers)
  response.end(request.method === 'HEAD' ? undefined : body)
}

const always = {
  'cache-control': 'no-cache',
  'x-content-type-options': 'nosniff',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'same-origin',
}

function unchanged(response: ServerResponse, etag: string): void {
  response.writeHead(304, { ...always, etag }).end()
}

function plain(response: ServerResponse, status: number, words: string): void {
  response.writeHead(status, { ...always, 'content-type': 'text/plain; charset=utf-8' }).end(`${words}\n`)
}

function etagOf(content: string | Uint8Array): string {
  return `"${createHash('sha256').update(content).digest('hex').slice(0, 32)}"`
}
