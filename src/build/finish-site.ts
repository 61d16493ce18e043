import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Config } from '../../runner/config.ts'
import { writeBrowserScripts } from './browser-scripts.ts'
import { checkAnchors } from './promised-anchors.ts'
import { publishEvidence } from './publish-evidence.ts'
import { checkLinks } from './dead-links.ts'
import { makePolicy } from './content-policy.ts'
import { codeVersion } from './code-version.ts'
import { keptResults } from './kept-results.ts'
import { markdownTwins, pageAsMarkdown } from './markdown-twins.ts'
import { writeRedirects } from './write-redirects.ts'
import { indexForSearch } from './search-index.ts'
import { filesBelow, pageAddress, readPage } from './built-pages.ts'
import type { BuiltPage } from './built-pages.ts'

export interface Finished {
  pages: number
  /** Dead links and lost anchors, each as one sentence. */
  problems: string[]
}

interface Places {
  /** Folder of the built site. */
  out: string
  /** Path of the site, with a slash at both ends. */
  base: string
  /** Folder of the site's sources. */
  sources: string
  /** Folder for what the next build may use again. */
  kept: string
}

/** The work after the pages: policy, search index, service worker, and the checks over what was built. */
export async function finish({ out, base, sources, kept }: Places, config: Config): Promise<Finished> {
  await indexForSearch(out, config.lang)
  const origin = config.site === undefined ? base : new URL(base, config.site).href
  const markdown = keptResults(join(kept, 'twins.json'), codeVersion(dirname(sources)), pageAsMarkdown)
  const twins = markdownTwins(out, base, origin, markdown.of)
  const site = finishPages(out, twins.add)
  twins.finish()
  markdown.keep()
  publishEvidence(config.state, out)
  await writeBrowserScripts(out, base, sources)
  writeRedirects(out, base, site)
  const writeAnchors = process.env['RUNBOOK_WRITE_ANCHORS'] === '1'
  const problems = [
    ...checkLinks(site, base, new Set(filesBelow(out))),
    ...checkAnchors(site, config.content, writeAnchors),
  ]
  return { pages: site.size, problems }
}

/** Gives each page its policy, keeps what the checks need of it, and hands it to `add`. Once for each. */
function finishPages(out: string, add: (page: string, html: string) => void): Map<string, BuiltPage> {
  const policy = makePolicy()
  const built = new Date().toISOString().replace(/T(.{5}).*/, ' $1Z')
  const site = new Map<string, BuiltPage>()
  for (const file of filesBelow(out).filter((name) => name.endsWith('.html'))) {
    // A page that is the same as before was rendered at another time.
    const dated = readFileSync(join(out, file), 'utf8').replace(/(<time data-built>)[^<]*/, `$1${built}`)
    const html = policy.apply(file, dated)
    site.set(pageAddress(file), readPage(html))
    add(pageAddress(file), html)
    writeFileSync(join(out, file), html)
  }
  writeFileSync(join(out, '_headers'), policy.headers())
  return site
}
