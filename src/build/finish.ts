import type { Config } from '../../runner/config.ts'
import { checkAnchors } from './anchors.ts'
import { publishEvidence } from './evidence.ts'
import { checkLinks } from './links.ts'
import { strictPolicy } from './policy.ts'
import { writeRedirects } from './redirects.ts'
import { writeScripts } from './scripts.ts'
import { indexForSearch } from './search-index.ts'
import { filesBelow, readSite } from './site-files.ts'

export interface Finished {
  pages: number
  /** Dead links and lost anchors, each as one sentence. */
  problems: string[]
}

/** What follows the pages: policy, search index, service worker, and the checks over what was built. */
export async function finish(out: string, base: string, config: Config, sources: string): Promise<Finished> {
  strictPolicy(out)
  await indexForSearch(out)
  publishEvidence(config.state, out)
  writeScripts(out, base, sources)
  const site = readSite(out)
  writeRedirects(out, base, site)
  const writeAnchors = process.env['RUNBOOK_WRITE_ANCHORS'] === '1'
  const problems = [
    ...checkLinks(site, base, new Set(filesBelow(out))),
    ...checkAnchors(site, config.content, writeAnchors),
  ]
  return { pages: site.size, problems }
}
