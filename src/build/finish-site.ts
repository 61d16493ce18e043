import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Config } from '../../runner/config.ts'
import { writeBrowserScripts } from './browser-scripts.ts'
import { changedFiles } from './changed-files.ts'
import { watched } from '../../runner/watched.ts'
import { checkAnchors } from './promised-anchors.ts'
import { publishEvidence } from './publish-evidence.ts'
import { siteLinks } from './link-library.ts'
import { checkLinks } from './dead-links.ts'
import { policyHeaders, policyOf } from './content-policy.ts'
import { runningVersion } from './code-version.ts'
import { keptCopies } from './kept-pages.ts'
import { keptResults } from './kept-results.ts'
import { markdownTwins } from './markdown-twins.ts'
import type { Twin } from './markdown-twins.ts'
import { seePage } from './seen-page.ts'
import type { SeenPage } from './seen-page.ts'
import { inSmallLetters } from './small-letters.ts'
import { writeDiagrams } from './write-diagrams.ts'
import { writeRedirects } from './write-redirects.ts'
import { writeSitemap } from './sitemap.ts'
import { indexForSearch } from './search-index.ts'
import { embedFolder } from './embed-pages.ts'
import { filesBelow, pageAddress } from './built-pages.ts'
import type { BuiltPage } from './built-pages.ts'
import type { StandingFiles } from './standing-files.ts'

export interface Finished {
  pages: number
  /** Dead links and lost anchors, each as one sentence. */
  problems: string[]
  /** Links of documents to pages that wait for records of this machine. */
  waiting: string[]
}

interface Places {
  /** Folder of the workspace. */
  root: string
  /** Folder of the built site. */
  out: string
  /** Path of the site, with a slash at both ends. */
  base: string
  /** Address of the site, with a final slash. */
  address: string
  /** Folder of the site's sources. */
  sources: string
  /** Folder for what the next build may use again. */
  kept: string
  standing: StandingFiles
  /** Files of the pages that this build has, made now or before. */
  made: ReadonlySet<string>
}

const indexFolder = 'pagefind/'
const isIndex = (file: string): boolean => file.startsWith(indexFolder)
const isTwin = (file: string): boolean => file.endsWith('.md')

/** The work after the pages: headers, search index, service worker, and the checks over what was built. */
export async function finish(
  { root, out, base, address, sources, kept, standing, made }: Places,
  config: Config,
): Promise<Finished> {
  const origin = config.site === undefined ? base : new URL(base, config.site).href
  const code = runningVersion(dirname(sources))
  const seen = keptResults(join(kept, 'seen-pages.json'), code, seePage)
  const twins = markdownTwins(out, base, origin, standing.release)
  const copies = inSmallLetters(made)
  const own = [...(await writeDiagrams({ out, base, root }, config, standing.release)), ...copies.keys()]
  const files = new Set([...made, ...own])
  standing.remove((file) => !isTwin(file) && !isIndex(file) && !files.has(file))
  const pages = readPages(out, made, copies)
  const { write } = changedFiles(out, standing.release)
  for (const copy of copies.keys()) write(copy, pages.get(copy) ?? '')
  const framing = config.embed && { path: `${base}${embedFolder}`, by: config.embed.by }
  writeFileSync(join(out, '_headers'), policyHeaders(new Set([...pages.values()].map(policyOf)), framing))
  const index = {
    isWhole: standing.isWhole(indexFolder),
    remove: (): void => standing.remove(isIndex),
    file: join(kept, 'search.txt'),
    code,
  }
  const look = async (): Promise<{ site: Map<string, BuiltPage>; twinFiles: Set<string> }> => {
    const site = await lookAtPages(pages, seen.of, twins.add)
    const twinFiles = new Set(twins.finish())
    standing.remove((file) => isTwin(file) && !twinFiles.has(file))
    seen.keep()
    publishEvidence(config.state, out)
    writeRedirects(out, base, site)
    writeSitemap(out, address, pages)
    return { site, twinFiles }
  }
  const [{ site, twinFiles }] = await Promise.all([look(), indexForSearch(out, pages, config.lang, index)])
  await writeBrowserScripts(out, base, sources, standing.digestOf)
  const writeAnchors = process.env['RUNBOOK_WRITE_ANCHORS'] === '1'
  const library = await siteLinks({ root, content: config.content, kinds: config.kinds, site: config.site })
  // A page for frames repeats one that is checked.
  const whole = new Map([...site].filter(([page]) => !page.startsWith(embedFolder)))
  const all = filesBelow(out)
  const { problems, waiting } = checkLinks({ pages: whole, files: new Set(all), base, library })
  problems.push(...checkAnchors(site, config.content, writeAnchors))
  // Astro writes a page without a kept copy at each build.
  const lasting = [...made].filter((file) => existsSync(join(kept, keptCopies, file)))
  standing.leave([...lasting, ...own, ...twinFiles, ...all.filter(isIndex)])
  return { pages: site.size, problems, waiting }
}

/** The markup of each page, by its file. */
function readPages(
  out: string,
  made: ReadonlySet<string>,
  copies: ReadonlyMap<string, string>,
): Map<string, string> {
  const files = [...made, ...copies.keys()].filter((name) => name.endsWith('.html')).toSorted()
  return new Map(files.map((file) => [file, readFileSync(join(out, copies.get(file) ?? file), 'utf8')]))
}

/** The facts of each page for the checks; `add` gets its twin. */
async function lookAtPages(
  pages: ReadonlyMap<string, string>,
  see: (html: string) => SeenPage,
  add: (page: string, twin: Twin) => void,
): Promise<Map<string, BuiltPage>> {
  const site = new Map<string, BuiltPage>()
  for await (const [file, html] of watched([...pages], 'pages checked')) {
    const { facts, twin } = see(html)
    site.set(pageAddress(file), facts)
    if (twin) add(pageAddress(file), twin)
  }
  return site
}
