import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { getCollection } from 'astro:content'
import type { CollectionEntry } from 'astro:content'
import { siteConfig } from './library.ts'

let docs: Promise<CollectionEntry<'docs'>[]> | undefined

/** The written pages of the documentation, read once. None where there is no such folder, which Astro warns of each time. */
export function writtenDocs(): Promise<CollectionEntry<'docs'>[]> {
  return (docs ??= readDocs())
}

async function readDocs(): Promise<CollectionEntry<'docs'>[]> {
  const { content } = await siteConfig()
  return existsSync(join(dirname(content), 'docs')) ? getCollection('docs') : []
}

/** The changelog, where there is one: at most one entry. */
export async function writtenChangelog(): Promise<CollectionEntry<'changelog'>[]> {
  return existsSync('CHANGELOG.md') ? getCollection('changelog') : []
}
