import type { Edit } from '../finding.ts'
import { splitLink } from '../link.ts'
import type { Text } from '../rule.ts'

/** Puts a query that stands behind the fragment before it, in the source as it is written. */
export function fixFragment(text: Text, source: string): Edit[] {
  const raw = source.slice(text.start, text.end)
  const quote = /^["']/.exec(raw)?.[0] ?? ''
  const written = raw.slice(quote.length, raw.length - quote.length)
  if (!text.exact || written.includes('\n') || !/^https?:|^\{\{/i.test(written)) return []
  const { address, query, anchor, repaired } = splitLink(written)
  if (!repaired) return []
  const start = text.start + quote.length
  return [{ start, end: start + written.length, text: `${address}?${query}#${anchor}` }]
}
