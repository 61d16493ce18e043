import { runbookPages } from './runbook-pages.ts'

export interface Alias {
  /** Below the site's base, without slashes at its ends. */
  path: string
  slug: string
  title: string
}

/** Earlier addresses: `old/name` is one below /runbooks/, `/wiki/old` one below the site. */
export function aliasPath(alias: string): string {
  const path = alias.startsWith('/') ? alias : `runbooks/${alias}`
  return path.replace(/^\/+|\/+$/g, '')
}

export async function aliasesOf(): Promise<Alias[]> {
  const pages = await runbookPages()
  const taken = new Set(pages.map(({ slug }) => `runbooks/${slug}`))
  return pages.flatMap(({ slug, title, meta }) =>
    (meta.aliases ?? [])
      .map((alias) => ({ path: aliasPath(alias), slug, title }))
      .filter(({ path }) => !taken.has(path)),
  )
}
