import { hintOf, messageOf } from '../../lib/errors.ts'
import { drainServer, readServers, readTraffic, withhold, writeWeights } from '../../adapters/haproxy.ts'
import { waitFor } from '../../lib/wait.ts'
import { counter, exposition } from '../metrics.ts'
import { COLORS, type Color, type Weights, liveColor } from '../lab-model.ts'
import { Refusal } from '../admin/refusal.ts'
import type { Slot, World } from '../world.ts'

const POLL_MS = 10

/** Takes over what the proxy says about the traffic: only it knows, since anybody may have told it something else. */
export async function refreshTraffic(world: World): Promise<void> {
  if (world.proxy === undefined) return
  const { weights } = await asked(readTraffic(world.proxy))
  const before = world.traffic
  if (COLORS.every((color) => weights[color] === before.weights[color])) return
  world.traffic = { version: before.version + 1, weights, live: liveColor(weights, before.live) }
  world.log(`traffic blue ${weights.blue}, green ${weights.green}, set at the proxy`)
}

/** Sets the weights at the proxy, when there is one. */
export async function proxyWeights(world: World, weights: Weights): Promise<void> {
  if (world.proxy !== undefined) await asked(writeWeights(world.proxy, weights))
}

/** Has the proxy give a color nothing whatever its weight, or ends that. */
export async function proxyWithholds(world: World, color: Color, withheld: boolean): Promise<void> {
  if (world.proxy !== undefined) await asked(withhold(world.proxy, color, withheld))
}

/** Waits until nothing that was sent to a color is unanswered. */
export async function drained(world: World, slot: Slot, limitMs: number): Promise<void> {
  if (world.proxy !== undefined) await asked(drainServer(world.proxy, slot.color, limitMs))
  await waitFor(() => slot.inFlight === 0 || undefined, limitMs, POLL_MS)
}

/** The answers to clients, as the proxy counted them: the same family as that of the embedded switch, by class of code. */
export async function proxyMetrics(world: World): Promise<string> {
  if (world.proxy === undefined) return ''
  const servers = await asked(readServers(world.proxy))
  const requests = counter('switch_requests', 'Requests through the switch, by the color that answered.')
  for (const color of COLORS)
    for (const [code, count] of Object.entries(servers[color].answers)) requests.add({ color, code }, count)
  return exposition([requests])
}

async function asked<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer
  } catch (error) {
    throw new Refusal(409, messageOf(error), hintOf(error))
  }
}
