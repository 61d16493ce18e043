import { componentsOf, statusOf } from '../../../runner/status/incident-file.ts'
import { statusPage } from '../../data/status-data.ts'

/** The status for programs. `format` changes when a field does. */
export async function GET(): Promise<Response> {
  const { status, components, incidents } = await statusPage()
  const document = {
    format: 1,
    status,
    components: components.map(({ id, name, status: now, uptime }) => ({
      id,
      name,
      status: now,
      uptime90d: uptime,
    })),
    incidents: incidents.map((incident) => ({
      id: incident.id,
      title: incident.title,
      impact: incident.impact,
      status: statusOf(incident),
      drill: incident.drill,
      components: componentsOf(incident),
      startedAt: incident.startedAt,
      resolvedAt: incident.resolvedAt ?? null,
      updates: incident.updates.map(({ id, at, status: then, body }) => ({ id, at, status: then, body })),
    })),
  }
  return new Response(`${JSON.stringify(document, null, 2)}\n`)
}
