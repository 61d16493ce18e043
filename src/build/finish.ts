import { join } from 'node:path'
import type { Config } from '../../runner/config.ts'
import { checkAnchors } from './anchors.ts'
import { checkLinks } from './links.ts'
import { strictPolicy } from './policy.ts'
import { writeRedirects } from './redirects.ts'
import { writeScripts } from './scripts.ts'
import { indexForSearch } from './search-index.ts'
import { readSite } from './site-files.ts'

export interface Finished {
  pages: number
  /** Dead links and lost anchors, each as one sentence. */
  problems: string[]
}

/** What follows the pages: policy, search index, service worker, and the checks over what was built. */
export async function finish(out: string, base: string, config: Config, root: string): Promise<Finished> {
  strictPolicy(out)
  await indexForSearch(out)
  writeScripts(out, base, join(root, 'src'))
  const site = readSite(out)
  writeRedirects(out, base, site)
  const writeAnchors = process.env['RUNBOOK_WRITE_ANCHORS'] === '1'
  const problems = [...checkLinks(site, base), ...checkAnchors(site, config.content, writeAnchors)]
  return { pages: site.size, problems }
}
