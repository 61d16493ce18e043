import type { CollectionEntry } from 'astro:content'
import type { Meta } from '../../runner/model/frontmatter.ts'
import { markdownTitle, runbookPages } from './library.ts'

export interface Item {
  slug: string
  title: string
  meta: Partial<Meta>
  /** How many steps it has; 0 for a document that is only read. */
  steps: number
}

/** Everything in the content folder, by title. */
export async function catalogue(entries: readonly CollectionEntry<'runbooks'>[]): Promise<Item[]> {
  const pages = new Map((await runbookPages()).map((page) => [page.slug, page]))
  return entries
    .map((entry): Item => {
      const page = pages.get(entry.id)
      if (page) return { slug: entry.id, title: page.title, meta: page.meta, steps: page.steps.length }
      return {
        slug: entry.id,
        title: markdownTitle(entry.data, entry.filePath ?? '', entry.id),
        meta: {},
        steps: 0,
      }
    })
    .toSorted((a, b) => a.title.localeCompare(b.title))
}

export interface Alert {
  name: string
  step?: string | undefined
  severity?: string | undefined
}

export function alertsOf(meta: Partial<Meta>): Alert[] {
  return meta.alerts ?? []
}

/** `PostgresLockQueueLong` as people type it: `Postgres Lock Queue Long`. */
export function wordsOf(alert: string): string {
  return alert.replaceAll(/([a-z0-9])([A-Z])|([A-Z])([A-Z][a-z])/g, '$1$3 $2$4').replaceAll(/[_.:-]+/g, ' ')
}
