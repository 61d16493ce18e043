import { aliasAddress } from '../../../runner/links/link-targets.ts'
import { runbookPages } from './runbook-pages.ts'

export interface Alias {
  /** Below the site's base, without slashes at its ends. */
  path: string
  slug: string
  title: string
}

export async function aliasesOf(): Promise<Alias[]> {
  const pages = await runbookPages()
  const taken = new Set(pages.map(({ slug }) => `runbooks/${slug}`))
  return pages.flatMap(({ slug, title, meta }) =>
    (meta.aliases ?? [])
      .map((alias) => ({ path: aliasAddress(alias), slug, title }))
      .filter(({ path }) => !taken.has(path)),
  )
}
