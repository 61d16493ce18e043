import type { APIContext } from 'astro'
import { href } from '../../data/page-address.ts'
import { xml } from '../../data/steps/machine-form.ts'
import { feedItems, statusPage } from '../../data/status-data.ts'

/** One entry per update, each with its own time and an id that stays. */
export async function GET({ site }: APIContext): Promise<Response> {
  const items = feedItems(await statusPage())
  const address = (path: string): string => xml(new URL(href(path), site).href)
  const lines = items.map(
    ({ incident, id, title, body, at }) =>
      `<entry><id>urn:runbook:status:${xml(encodeURIComponent(id))}</id><title>${xml(title)}</title><updated>${at}</updated>` +
      `<link href="${address(`/status/incidents/${incident.id.toLowerCase()}/`)}"/><content type="text">${xml(body)}</content></entry>`,
  )
  const updated = items[0]?.at ?? '1970-01-01T00:00:00Z'
  return new Response(
    `<?xml version="1.0" encoding="UTF-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom"><title>Status</title><id>urn:runbook:status</id>` +
      `<author><name>Status</name></author><updated>${updated}</updated><link href="${address('/status/')}"/>\n${lines.join('\n')}\n</feed>\n`,
  )
}
