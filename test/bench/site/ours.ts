import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { writeCorpus } from './corpus.ts'
import { costOf } from './cost.ts'
import type { Cost } from './cost.ts'

/** A workspace of generated runbooks that was never built. */
export interface OurSite {
  content: string
  out: string
  env: NodeJS.ProcessEnv
  build(): Cost
}

/**
 * Without the guide: no peer's site has one. The cache is new too: the first build is that of a machine which has never run the program, and
 * compiles its code. `packaged` is the program as it is installed, with its pages.
 */
export function ourSite(packaged: string, root: string, pages: number): OurSite {
  const content = join(root, 'content', 'runbooks')
  const out = join(root, 'site')
  writeCorpus(content, pages, 'cards')
  writeFileSync(join(root, 'runbook.config.ts'), 'export default { guide: false }\n')
  const env = {
    RUNBOOK_CONTENT: content,
    RUNBOOK_STATE: join(root, 'state'),
    RUNBOOK_SITE_OUT: out,
    RUNBOOK_CACHE: join(root, 'cache'),
  }
  const command = [process.execPath, packaged, 'site', 'build', '--out', out] as const
  return { content, out, env, build: () => costOf(command, root, env) }
}
