import { getCollection } from 'astro:content'
import { pageDigest } from './page-digest.ts'
import { runbookPages } from './runbook-pages.ts'

/** The paths of the pages that show one runbook each. */
export async function runbookPaths() {
  const entries = new Map((await getCollection('runbooks')).map((entry) => [entry.id, entry]))
  return Promise.all(
    (await runbookPages()).map(async (page) => {
      const entry = entries.get(page.slug)
      return {
        params: { slug: page.slug },
        props: { entry, page },
        cacheKey: await pageDigest(page, entry?.digest?.toString()),
      }
    }),
  )
}
