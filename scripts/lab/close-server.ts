import type { Server } from 'node:http'
import { Server as NetServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

// Idle keep-alive connections stay open this long: a request already on its way is answered, not reset.
const LINGER_MS = 300
const SWEEP_MS = 50

/**
 * Stops accepting, lets every request that has arrived be answered, then closes.
 * The answers themselves should carry `connection: close` from the moment this is called.
 * @param limitMs milliseconds until connections still in use are cut
 * @returns true when nothing had to be cut
 */
export async function closeGently(server: Server, limitMs: number): Promise<boolean> {
  const progress = { closed: false }
  server.once('close', () => (progress.closed = true))
  // The http server's own close resets idle connections at once; this one only stops accepting.
  NetServer.prototype.close.call(server)
  const end = performance.now() + limitMs
  await sleep(LINGER_MS)
  while (!progress.closed && performance.now() < end) {
    server.closeIdleConnections()
    await sleep(SWEEP_MS)
  }
  const clean = progress.closed
  server.closeAllConnections()
  // Ends the timer that checks connections, which otherwise keeps the process alive.
  server.close()
  return clean
}
