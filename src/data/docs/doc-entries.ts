import { existsSync } from 'node:fs'
import { getCollection } from 'astro:content'
import type { CollectionEntry } from 'astro:content'
import { docsOf } from '../../../runner/links/link-targets.ts'
import { siteConfig } from '../runbooks/runbook-pages.ts'
import { remember } from '../remember.ts'

/** The written pages of the documentation, with the guide where it comes with the site. */
export const docEntries = remember(readDocs)

async function readDocs(): Promise<CollectionEntry<'docs'>[]> {
  const folder = docsOf((await siteConfig()).content)
  // Astro warns each time an empty collection is asked for.
  const some = (folder !== undefined && existsSync(folder)) || Boolean(import.meta.env['GUIDE'])
  return some ? getCollection('docs') : []
}

/** The changelog, where there is one: at most one entry. */
export async function changelogEntries(): Promise<CollectionEntry<'changelog'>[]> {
  return existsSync('CHANGELOG.md') ? getCollection('changelog') : []
}
