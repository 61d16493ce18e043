import {
  type ClientRequest,
  type IncomingMessage,
  type Server,
  type ServerResponse,
  createServer,
  request as httpRequest,
} from 'node:http'
import { pipeline } from 'node:stream'
import { endToEnd, upstreamHeaders } from './headers.ts'
import type { Color } from '../lab-model.ts'
import { candidates, userOf, userPoint } from './route.ts'
import type { SwitchMetrics } from './switch-metrics.ts'
import type { Slot, World } from '../world.ts'

const UPSTREAM_LIMIT_MS = 30_000
/** The fraction of the golden ratio: its multiples, taken modulo 1, are spread more evenly than chance spreads them. */
const GOLDEN = (Math.sqrt(5) - 1) / 2

/** One request on its way through the switch. */
interface Passage {
  world: World
  metrics: SwitchMetrics
  client: IncomingMessage
  reply: ServerResponse
}

/** The traffic switch: a reverse proxy that reads weights and readiness anew for every request, so no change needs a reload. */
export function createSwitch(world: World, metrics: SwitchMetrics, closing: () => boolean): Server {
  let point = 0
  return createServer({ keepAliveTimeout: 65_000, noDelay: true }, (client, reply) => {
    if (closing()) reply.setHeader('connection', 'close')
    const user = userOf(client.headers)
    if (user === undefined) point = (point + GOLDEN) % 1
    const at = user === undefined ? point : userPoint(user)
    const { weights } = world.traffic
    const ready = (color: Color): boolean => world.slots[color].state === 'ready'
    const withheld = (color: Color): boolean => world.slots[color].faults.noTraffic
    pass({ world, metrics, client, reply }, candidates({ weights, ready, withheld }, at))
  })
}

function pass(passage: Passage, colors: readonly Color[]): void {
  const { world, metrics, client, reply } = passage
  const [color, ...others] = colors
  if (color === undefined) return refuse(passage, 'none', 503, 'No color that has weight is ready.')
  const upstream = open(passage, world.slots[color])
  let sent = false
  let answered = false
  const begin = (): void => {
    sent = true
    client.pipe(upstream)
  }
  upstream.once('socket', (socket) => {
    // Nothing is written before the connection stands: only then is it safe to try the other color instead.
    if (socket.connecting) socket.once('connect', begin)
    else begin()
  })
  upstream.once('response', (answer) => {
    answered = true
    metrics.count(color, answer.statusCode ?? 502)
    reply.writeHead(answer.statusCode ?? 502, endToEnd(answer.headers))
    pipeline(answer, reply, () => undefined)
  })
  upstream.on('error', (error) => {
    if (answered) return void reply.destroy()
    answered = true
    if (reply.closed) return metrics.count(color, 499)
    if (sent) return refuse(passage, color, 502, `${color} broke off: ${error.message}.`)
    metrics.fellOver(color)
    pass(passage, others)
  })
}

/** Opens the request to a color and counts it as in flight until it is over; it ends early when the client leaves. */
function open({ client, reply }: Passage, slot: Slot): ClientRequest {
  const upstream = httpRequest({
    host: '127.0.0.1',
    port: slot.port,
    method: client.method,
    path: client.url,
    headers: upstreamHeaders(client.headers, client.socket.remoteAddress ?? ''),
    agent: slot.agent,
    timeout: UPSTREAM_LIMIT_MS,
  })
  const leave = (): void => void upstream.destroy()
  slot.inFlight++
  reply.once('close', leave)
  upstream.once('close', () => {
    slot.inFlight--
    reply.off('close', leave)
  })
  upstream.once('timeout', () => upstream.destroy(new Error(`no answer within ${UPSTREAM_LIMIT_MS} ms`)))
  return upstream
}

function refuse(
  { metrics, reply, client }: Passage,
  color: Color | 'none',
  code: number,
  error: string,
): void {
  metrics.count(color, code)
  client.resume()
  reply.writeHead(code, { 'content-type': 'application/json', 'retry-after': '1' })
  reply.end(`${JSON.stringify({ error, remedy: 'Look at the lab with: runbook lab status' })}\n`)
}
