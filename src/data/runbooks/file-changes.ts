import { changesBelow } from '../../build/git-log.ts'
import type { Change } from '../../build/git-log.ts'
import { siteConfig } from './runbook-pages.ts'

let reading: Promise<Map<string, Change[]>> | undefined

/** Once, also in `site dev`: an edit of a file is not a commit. */
function allChanges(): Promise<Map<string, Change[]>> {
  return (reading ??= siteConfig().then(({ content }) => changesBelow(content, process.cwd())))
}

/** The changes of a file, newest first; none without git. */
export async function changesOf(file: string): Promise<Change[]> {
  return (await allChanges()).get(file) ?? []
}
