import { changesBelow } from '../../build/git-log.ts'
import type { Change } from '../../build/git-log.ts'
import { siteConfig } from './runbook-pages.ts'
import { remember } from '../remember.ts'

const allChanges = remember(async () => changesBelow((await siteConfig()).content, process.cwd()))

/** The changes of a file, newest first; none without git. */
export async function changesOf(file: string): Promise<Change[]> {
  return (await allChanges()).get(file) ?? []
}
