import type { APIContext } from 'astro'
import { href } from '../../data/page-address.ts'
import { xml } from '../../data/steps/machine-form.ts'
import { feedItems, statusPage } from '../../data/status-data.ts'

/** One entry per incident, whose guid stays while the incident goes on; it has the newest message. */
export async function GET({ site }: APIContext): Promise<Response> {
  const page = await statusPage()
  const address = (path: string): string => xml(new URL(href(path), site).href)
  const items = feedItems(page).filter(({ incident, at }) => incident.updates.at(-1)?.at === at)
  const lines = items.map(
    ({ incident, title, body, at }) =>
      `<item><title>${xml(title)}</title><link>${address(`/status/incidents/${incident.id.toLowerCase()}/`)}</link>` +
      `<guid isPermaLink="false">${xml(incident.id)}</guid><pubDate>${new Date(at).toUTCString()}</pubDate>` +
      `<description>${xml(body)}</description></item>`,
  )
  const head = `<title>Status</title><link>${address('/status/')}</link><description>Incidents and maintenance</description>`
  return new Response(
    `<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0"><channel>${head}\n${lines.join('\n')}\n</channel></rss>\n`,
  )
}
