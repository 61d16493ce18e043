import { Agent, request } from 'node:http'
import type { LoadFigures } from './world.ts'

const TICK_MS = 20
const USERS = 1000
const MAX_OPEN = 2000
const PATHS = ['/', '/', '/', '/app.css', '/app.js', '/echo?message=ping'] as const

/**
 * Sends requests through the switch at a steady rate, from a thousand users in turn.
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
    owed += ((now - last) / 1000) * rate
    last = now
    for (; owed >= 1; owed--) if (open < MAX_OPEN) sendOne()
  }, TICK_MS)

  return {
    figures,
    // Requests on their way are still answered; their connections end when the switch closes.
    stop: () => clearInterval(timer),
  }
}
