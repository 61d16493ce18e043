import { connect, createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'

/** The direction that carries nothing: from the client, from the server, or both. */
export type Cut = 'both' | 'up' | 'down'

/** A wire between clients and a server, which can be cut: no end is told, and what was sent arrives once it is mended. */
export interface Wire extends AsyncDisposable {
  port: number
  cut(what: Cut): void
  /** Ends each new connection whose first bytes have these words, until it is mended. */
  refuse(words: string): void
  mend(): void
}

/** Lays a wire from a free port of loopback to another one. */
export async function layWire(to: number): Promise<Wire> {
  const ends = new Set<{ client: Socket; server: Socket }>()
  let cut: Cut | undefined
  let refused: string | undefined
  const apply = ({ client, server }: { client: Socket; server: Socket }): void => {
    // A socket that is not read delivers nothing, not even its end.
    if (cut === 'both' || cut === 'up') client.pause()
    else client.resume()
    if (cut === 'both' || cut === 'down') server.pause()
    else server.resume()
  }
  const listener = createServer((client) => {
    const server = connect(to, '127.0.0.1')
    const pair = { client, server }
    ends.add(pair)
    client.once('data', (first: Buffer) => {
      if (refused !== undefined && first.includes(refused)) client.destroy()
    })
    for (const [from, into] of [
      [client, server],
      [server, client],
    ] as const) {
      from.on('data', (bytes: Buffer) => {
        if (!from.destroyed) into.write(bytes)
      })
      from.on('end', () => into.end())
      from.on('error', () => from.destroy())
      from.on('close', () => {
        if (from.errored !== null || refused !== undefined) into.destroy()
        if (client.closed && server.closed) ends.delete(pair)
      })
    }
    apply(pair)
  })
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve))
  return {
    port: (listener.address() as AddressInfo).port,
    cut(what) {
      cut = what
      for (const pair of ends) apply(pair)
    },
    refuse(words) {
      refused = words
    },
    mend() {
      cut = refused = undefined
      for (const pair of ends) apply(pair)
    },
    async [Symbol.asyncDispose]() {
      for (const { client, server } of ends) {
        client.destroy()
        server.destroy()
      }
      await new Promise((resolve) => listener.close(resolve))
    },
  }
}
