import { changesBelow } from '../build/git-log.ts'
import type { Change } from '../build/git-log.ts'
import { siteConfig } from './runbook-pages.ts'
import { remember } from './remember.ts'

const allChanges = remember(async () => changesBelow((await siteConfig()).content, process.cwd()))

/** What changed in a file, newest first; nothing where git cannot say. */
export async function changesOf(file: string): Promise<Change[]> {
  return (await allChanges()).get(file) ?? []
}
