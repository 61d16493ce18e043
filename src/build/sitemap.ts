import { readFileSync, renameSync, rmSync } from 'node:fs'
import sitemap from '@astrojs/sitemap'
import type { AstroIntegration } from 'astro'

/**
 * One sitemap at `/sitemap.xml`, with every page that does not ask robots to leave it out. More than 50,000 pages, the
 * most that one sitemap may list, would be more than a build can make.
 */
export function sitemapOf(): AstroIntegration[] {
  let [out, base] = [new URL('file:///'), '/']
  const isListed = (address: string): boolean => {
    const path = new URL(address).pathname.slice(base.length)
    const html = readFileSync(new URL(`${path}index.html`, out), 'utf8')
    return !html.includes('<meta name="robots" content="noindex">')
  }
  return [
    sitemap({ filter: isListed, entryLimit: 50_000 }),
    {
      name: 'sitemap-address',
      hooks: {
        'astro:config:done': ({ config }) => {
          out = config.outDir
          base = config.base.replace(/\/?$/, '/')
        },
        'astro:build:done': () => {
          renameSync(new URL('sitemap-0.xml', out), new URL('sitemap.xml', out))
          rmSync(new URL('sitemap-index.xml', out))
        },
      },
    },
  ]
}
