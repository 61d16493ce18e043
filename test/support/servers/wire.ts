import { connect, createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/** The direction that carries nothing: from the client, from the server, or both. */
export type Cut = 'both' | 'up' | 'down'

/** A wire between clients and a server, which can be cut: no end is told, and what was sent arrives once it is mended. */
export interface Wire extends AsyncDisposable {
  port: number
  cut(what: Cut): void
  /** Ends each new connection whose first bytes have these words, until it is mended. */
  refuse(words: string): void
  /** Delivers each answer later, in milliseconds, to connections whose first bytes have these words, until it is mended. */
  slow(words: string, ms: number): void
  mend(): void
}

/** Lays a wire from a free port of loopback to another one. */
export async function layWire(to: number): Promise<Wire> {
  const ends = new Set<{ client: Socket; server: Socket }>()
  let cut: Cut | undefined
  let refused: string | undefined
  let slowed: { words: string; ms: number } | undefined
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
    let greeting: Buffer = Buffer.alloc(0)
    /** Answers that are on their way, one after the other. */
    let [late, last] = [0, Promise.resolve()]
    const deliver = (bytes: Buffer): void => {
      const ms = slowed !== undefined && greeting.includes(slowed.words) ? slowed.ms : 0
      if (ms === 0 && late === 0) return void client.write(bytes)
      late++
      last = later(last, ms, bytes)
    }
    const later = async (before: Promise<void>, ms: number, bytes: Buffer): Promise<void> => {
      await before
      await sleep(ms)
      late--
      client.write(bytes)
    }
    client.once('data', (first: Buffer) => {
      greeting = first
      if (refused !== undefined && first.includes(refused)) client.destroy()
    })
    for (const [from, into] of [
      [client, server],
      [server, client],
    ] as const) {
      from.on('data', (bytes: Buffer) => {
        if (from.destroyed) return
        if (from === server) deliver(bytes)
        else into.write(bytes)
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
    slow(words, ms) {
      slowed = { words, ms }
    },
    mend() {
      cut = refused = slowed = undefined
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
