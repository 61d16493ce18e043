import { changesBelow } from '../build/git-log.ts'
import type { Change } from '../build/git-log.ts'
import { siteConfig } from './runbook-pages.ts'

let read: Promise<Map<string, Change[]>> | undefined

/** What changed in a file, newest first; nothing where git cannot say. */
export async function changesOf(file: string): Promise<Change[]> {
  read ??= siteConfig().then(({ content }) => changesBelow(content, process.cwd()))
  return (await read).get(file) ?? []
}
