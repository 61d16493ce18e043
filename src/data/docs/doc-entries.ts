import { existsSync } from 'node:fs'
import { getCollection } from 'astro:content'
import type { CollectionEntry } from 'astro:content'
import { docsOf } from '../../../runner/links/link-targets.ts'
import { siteConfig } from '../runbooks/runbook-pages.ts'
import { remember } from '../remember.ts'

/** The written pages of the documentation. None where there is no such folder, which Astro warns of each time. */
export const docEntries = remember(readDocs)

async function readDocs(): Promise<CollectionEntry<'docs'>[]> {
  const folder = docsOf((await siteConfig()).content)
  return folder !== undefined && existsSync(folder) ? getCollection('docs') : []
}

/** The changelog, where there is one: at most one entry. */
export async function changelogEntries(): Promise<CollectionEntry<'changelog'>[]> {
  return existsSync('CHANGELOG.md') ? getCollection('changelog') : []
}
