import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createAdaptorServer } from '@hono/node-server'
import type { HttpBindings } from '@hono/node-server'
import { limitHalfOpen } from './half-open.ts'

/**
 * The limits of every server of this program; times in milliseconds.
 * @internal
 */
export const limits = {
  /** From the first byte of a request to the end of its headers. */
  headersMs: 10_000,
  /** From the first byte of a request to the end of its body. */
  requestMs: 15_000,
  /** Without a byte in either direction, such as a client that does not read its answer. */
  idleMs: 30_000,
  /** All headers of a request, in bytes. */
  headerBytes: 16_384,
  connections: 256,
  /** Connections that have sent no whole request. */
  halfOpen: 64,
}

export interface Listening {
  /** Such as `http://127.0.0.1:47901`. */
  origin: string
  port: number
  /** Stops listening and cuts every connection. */
  close(): Promise<void>
}

/** A Hono app, by what the server asks of it. */
export interface App {
  fetch(request: Request, env: HttpBindings): Response | Promise<Response>
}

/**
 * Listens at a host and port; port 0 takes a free one. `appFor` makes the app once the port is known. Rejects with the
 * error of the system when it cannot listen.
 */
export async function listen(
  appFor: (own: { port: number; authority: string }) => App,
  host: string,
  port: number,
): Promise<Listening> {
  let app: App | undefined
  const server = createAdaptorServer({
    fetch: (request, env) => app?.fetch(request, env as HttpBindings),
    serverOptions: {
      headersTimeout: limits.headersMs,
      requestTimeout: limits.requestMs,
      // The two limits above are only looked at as often as this.
      connectionsCheckingInterval: 1000,
      maxHeaderSize: limits.headerBytes,
    },
  }) as Server
  server.maxConnections = limits.connections
  server.setTimeout(limits.idleMs)
  limitHalfOpen(server, limits.halfOpen)
  const bare = host.replaceAll(/[[\]]/g, '')
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    // The name of this machine is its IPv4 address: a browser tries both.
    server.listen(port, bare === 'localhost' ? '127.0.0.1' : bare, () => resolve())
  })
  const { port: own } = server.address() as AddressInfo
  const authority = `${bare.includes(':') ? `[${bare}]` : bare}:${own}`
  app = appFor({ port: own, authority })
  return {
    origin: `http://${authority}`,
    port: own,
    close: () =>
      new Promise((closed) => {
        server.close(() => closed())
        server.closeAllConnections()
      }),
  }
}
