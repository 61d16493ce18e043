import { getCollection } from 'astro:content'
import type { APIContext } from 'astro'
import { href } from '../data/page-address.ts'
import { docPages } from '../data/doc-pages.ts'
import { xml } from '../data/machine-form.ts'
import { allRuns } from '../data/recorded-runs.ts'

export async function GET({ site }: APIContext): Promise<Response> {
  const paths = [
    '/',
    '/search/',
    '/alerts/',
    '/runs/',
    '/status/',
    '/kpi/',
    ...(await getCollection('runbooks')).map(({ id }) => `/runbooks/${id}/`),
    ...(await allRuns()).map(({ run }) => `/runs/${run.toLowerCase()}/`),
    ...(await docPages()).map(({ path }) => path),
  ]
  const lines = paths.map((path) => `<url><loc>${xml(new URL(href(path), site).href)}</loc></url>`)
  return new Response(
    `<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n${lines.join('\n')}\n</urlset>\n`,
  )
}
