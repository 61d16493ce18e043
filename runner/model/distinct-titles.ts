import { posix } from 'node:path'

/** Titles by slug. Those that several documents share carry what tells them apart: the folder, else the whole slug. */
export function distinctTitles(documents: readonly { slug: string; title: string }[]): Map<string, string> {
  const shared = Map.groupBy(documents, ({ title }) => title)
  return new Map(
    documents.map(({ slug, title }) => {
      const others = (shared.get(title) ?? []).filter((other) => other.slug !== slug)
      if (others.length === 0) return [slug, title]
      const folder = posix.dirname(slug)
      const unclear = folder === '.' || others.some((other) => posix.dirname(other.slug) === folder)
      return [slug, `${title} (${unclear ? slug : folder})`]
    }),
  )
}
