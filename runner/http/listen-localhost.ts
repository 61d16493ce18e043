import { listen } from './listen.ts'
import type { App, Listening } from './listen.ts'

/** How many ports are tried: another program may have one of them in the other family. */
const mostTries = 10

/**
 * Listens as `http://localhost:PORT`, the one name of this machine that may ask a passkey. It takes the port in both
 * families of addresses: otherwise another account could take the second, which browsers try first. `port` 0 takes a free one.
 */
export async function listenLocalhost(appFor: (origin: string) => App, port = 0): Promise<Listening> {
  for (let tries = 1; ; tries++) {
    let app: App | undefined
    const answer = (own: number): App => (app ??= appFor(originAt(own)))
    const first = await listen((own) => answer(own.port), '127.0.0.1', port)
    try {
      const second = await listen((own) => answer(own.port), '::1', first.port)
      return both(first, second)
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      // A machine without the second family.
      if (code === 'EADDRNOTAVAIL' || code === 'EAFNOSUPPORT') return both(first)
      await first.close()
      if (port !== 0 || tries === mostTries) throw error
    }
  }
}

function originAt(port: number): string {
  return `http://localhost:${port}`
}

function both(...servers: readonly Listening[]): Listening {
  const port = servers[0]?.port ?? 0
  return {
    origin: originAt(port),
    port,
    async close() {
      await Promise.all(servers.map((server) => server.close()))
    },
  }
}
