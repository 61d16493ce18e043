import { proxyMetrics } from '../servers/proxy-traffic.ts'
import { counter, exposition, gauge } from '../metrics.ts'
import { COLORS, type Color } from '../lab-model.ts'
import type { World } from '../world.ts'

/** The metrics of the switch: what clients saw, which is what a rollback decision must rest on. */
export interface SwitchMetrics {
  /** `color` is `none` when no color could take the request; `code` 499 means that the client left. */
  count(color: Color | 'none', code: number): void
  fellOver(color: Color): void
  page: () => Promise<string>
}

/** Creates the metrics for a lab. */
export function switchMetrics(world: World): SwitchMetrics {
  const requests = counter('switch_requests', 'Requests through the switch, by the color that answered.')
  const fallovers = counter(
    'switch_fallovers',
    'Requests that went to the other color because this one refused the connection.',
  )
  for (const color of COLORS) {
    requests.add({ color, code: '200' }, 0)
    fallovers.add({ color }, 0)
  }
  const all = [
    requests,
    fallovers,
    gauge(
      'switch_weight',
      'Weight of a color.',
      perColor((color) => world.traffic.weights[color]),
    ),
    gauge(
      'switch_in_flight',
      'Requests sent to a color and not answered yet.',
      perColor((color) => world.slots[color].inFlight),
    ),
    gauge(
      'switch_color_ready',
      '1 when a color is ready, else 0.',
      perColor((color) => (world.slots[color].state === 'ready' ? 1 : 0)),
    ),
  ]
  return {
    count: (color, code) => requests.add({ color, code: String(code) }),
    fellOver: (color) => fallovers.add({ color }),
    async page() {
      // With a proxy the switch is idle, and the proxy's counters replace its own.
      const counted = await proxyMetrics(world)
      return counted === '' ? exposition(all) : counted.replace('# EOF\n', '') + exposition(all.slice(2))
    },
  }
}

function perColor(read: (color: Color) => number): () => [{ color: Color }, number][] {
  return () => COLORS.map((color) => [{ color }, read(color)])
}
