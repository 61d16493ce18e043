import type { GateSettings } from '../../domain/environments.ts'
import { releaseSettings } from '../../domain/environments.ts'
import { isAddress } from '../../domain/system-name.ts'
import { adminUrl } from '../../lab/admin/admin-client.ts'
import type { Color } from '../../lab/lab-model.ts'
import { deploymentsOf } from './deployments.ts'

/** The address of a color, the pages of its metrics, and the selectors that gates watch. */
type GateLines = Record<'url' | 'metrics' | 'requests' | 'errors' | 'duration' | 'up', string>

/** The metrics of one color that gates watch: those of a lab, or as its environment says. */
export async function gateLines(color: Color, system: string | undefined): Promise<GateLines> {
  const { url } = (await deploymentsOf(system).standing()).colors[color]
  const settings =
    system === undefined || isAddress(system) ? labGate(adminUrl(system)) : releaseSettings(system).gate
  const fill = (text: string): string => text.replaceAll('{color}', color).replaceAll('{url}', url)
  const { pages, requests, errors, duration, up } = settings
  return {
    url,
    metrics: pages.map(fill).join(','),
    requests: fill(requests),
    errors: fill(errors),
    duration: fill(duration),
    up: fill(up),
  }
}

/** The release counts its own requests; the switch knows whether it is up. */
function labGate(admin: string): GateSettings {
  return {
    pages: ['{url}/metrics', `${admin}/metrics`],
    requests: 'http_requests_total{color="{color}"}',
    errors: 'http_requests_total{color="{color}",code=~"5.."}',
    duration: 'http_request_duration_seconds{color="{color}"}',
    up: 'switch_color_ready{color="{color}"}',
  }
}
