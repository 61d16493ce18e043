import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { xml } from '../data/steps/machine-form.ts'
import { pageAddress } from './built-pages.ts'

const unlisted = '<meta name="robots" content="noindex">'

/**
 * Writes `/sitemap.xml`, with every page that does not ask robots to leave it out. More than 50,000 pages, the most that one sitemap may
 * list, would be more than a build can make. `address` is that of the site, with a final slash; `pages` has the markup by file.
 */
export function writeSitemap(out: string, address: string, pages: ReadonlyMap<string, string>): void {
  const lines = [...pages]
    .filter(([file, html]) => file !== '404.html' && !html.includes(unlisted))
    .map(([file]) => `<url><loc>${xml(new URL(pageAddress(file), address).href)}</loc></url>\n`)
  writeFileSync(
    join(out, 'sitemap.xml'),
    `<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n${lines.join('')}</urlset>\n`,
  )
}
