import { Agent, request } from 'node:http'
import type { LoadFigures } from './world.ts'

const TICK_MS = 20
/**
 * The longest time of which the requests are sent at once. The load measures which share of a steady flow of users fails while the product is
 * changed. A longer pause is one of this process, which the lab shares, and no user made it: its requests would reach the product as a
 * burst, fill the connections, and show a peak of errors and of time that the change did not cause. So they are left out, and `sent` counts
 * the rest. Where latency of users were measured, to leave them out would hide the slowest; here only answers count.
 */
const MOST_AT_ONCE_MS = 2 * TICK_MS
const USERS = 1000
const MAX_OPEN = 2000
const PATHS = ['/', '/', '/', '/app.css', '/app.js', '/echo?message=ping'] as const

/**
 * Sends requests through the switch at a steady rate, from a thousand users in turn, however long the answers take.
 * @param rate requests per second, 1 to 5000
 * @returns its figures, which go on counting, and a function that stops it. Failed means: no answer, a cut answer, or a status of 400 or above.
 */
export function startLoad(port: number, rate: number): { figures: LoadFigures; stop(): void } {
  const figures: LoadFigures = { rate, sent: 0, failed: 0 }
  const agent = new Agent({ keepAlive: true, maxSockets: 256 })
  let owed = 0
  let open = 0
  let last = performance.now()

  function sendOne(): void {
    const number = figures.sent++
    const headers = { 'x-user-id': `user-${number % USERS}` }
    let counted = false
    const fail = (): void => {
      if (!counted) figures.failed++
      counted = true
    }
    open++
    const outgoing = request(
      { host: '127.0.0.1', port, path: PATHS[number % PATHS.length] ?? '/', headers, agent },
      (response) => {
        if ((response.statusCode ?? 500) >= 400) fail()
        response.once('error', fail)
        response.resume()
      },
    )
    outgoing.once('error', fail)
    outgoing.once('close', () => open--)
    outgoing.end()
  }

  const timer = setInterval(() => {
    const now = performance.now()
    owed += (Math.min(now - last, MOST_AT_ONCE_MS) / 1000) * rate
    last = now
    for (; owed >= 1; owed--) if (open < MAX_OPEN) sendOne()
  }, TICK_MS)

  return {
    figures,
    // Requests on their way are still answered; their connections end when the switch closes.
    stop: () => clearInterval(timer),
  }
}
