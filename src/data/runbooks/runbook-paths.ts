import { pageDigest } from './page-digest.ts'
import { runbookPages } from './runbook-pages.ts'

/** The paths of the pages that show one runbook each. */
export async function runbookPaths() {
  const pages = await runbookPages()
  return Promise.all(
    pages.map(async (page) => ({
      params: { slug: page.slug },
      props: { page },
      cacheKey: await pageDigest(page),
    })),
  )
}
