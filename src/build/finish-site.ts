import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import type { Config } from '../../runner/config.ts'
import { writeBrowserScripts } from './browser-scripts.ts'
import { watched } from '../../runner/watched.ts'
import { checkAnchors } from './promised-anchors.ts'
import { publishEvidence } from './publish-evidence.ts'
import { checkLinks } from './dead-links.ts'
import { policyHeaders, policyOf } from './content-policy.ts'
import type { Framing } from './content-policy.ts'
import { codeVersion } from './code-version.ts'
import { keptResults } from './kept-results.ts'
import { markdownTwins, pageAsMarkdown } from './markdown-twins.ts'
import { writeRedirects } from './write-redirects.ts'
import { indexForSearch } from './search-index.ts'
import { embedFolder } from './embed-pages.ts'
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

/** The work after the pages: headers, search index, service worker, and the checks over what was built. */
export async function finish({ out, base, sources, kept }: Places, config: Config): Promise<Finished> {
  const origin = config.site === undefined ? base : new URL(base, config.site).href
  const markdown = keptResults(join(kept, 'twins.json'), codeVersion(dirname(sources)), pageAsMarkdown)
  const twins = markdownTwins(out, base, origin, markdown.of)
  const files = filesBelow(out)
  const framing = config.embed && { path: `${base}${embedFolder}`, by: config.embed.by }
  const [site] = await Promise.all([
    lookAtPages(out, files, twins.add, framing),
    indexForSearch(out, files, config.lang),
  ])
  twins.finish()
  markdown.keep()
  publishEvidence(config.state, out)
  await writeBrowserScripts(out, base, sources)
  writeRedirects(out, base, site)
  const writeAnchors = process.env['RUNBOOK_WRITE_ANCHORS'] === '1'
  // A page for frames repeats one that is checked.
  const whole = new Map([...site].filter(([page]) => !page.startsWith(embedFolder)))
  const problems = [
    ...checkLinks(whole, base, new Set(filesBelow(out))),
    ...checkAnchors(site, config.content, writeAnchors),
  ]
  return { pages: site.size, problems }
}

/** Keeps what the checks need of each page, and hands it to `add`. Once for each. */
async function lookAtPages(
  out: string,
  files: readonly string[],
  add: (page: string, html: string) => void,
  framing: Framing | undefined,
): Promise<Map<string, BuiltPage>> {
  const policies = new Set<string>()
  const site = new Map<string, BuiltPage>()
  const pages = files.filter((name) => name.endsWith('.html'))
  for (const file of watched(pages, 'pages checked')) {
    // The index of the search is made meanwhile, by a process that has to be spoken with.
    if (site.size % 50 === 0) await setImmediate()
    const html = readFileSync(join(out, file), 'utf8')
    policies.add(policyOf(html))
    site.set(pageAddress(file), readPage(html))
    add(pageAddress(file), html)
  }
  writeFileSync(join(out, '_headers'), policyHeaders(policies, framing))
  return site
}
