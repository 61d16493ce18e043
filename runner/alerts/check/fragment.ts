import type { Edit } from '../finding.ts'
import { filler, maskTemplates } from '../read/mask.ts'
import type { Text } from '../rule.ts'

/**
 * Moves a query after the fragment before it, in the source as written. In a chart the address may
 * be in a literal of the template engine: `{{`https://…`}}`.
 */
export function fixFragment(text: Text, source: string): Edit[] {
  if (!text.exact) return []
  const masked = maskTemplates(source).text.slice(text.start, text.end)
  const open = new RegExp(`^["']?${filler}*["']?`).exec(masked)?.[0].length ?? 0
  const close = new RegExp(`["']?${filler}*["']?$`).exec(masked)?.[0].length ?? 0
  const [from, to] = [text.start + open, text.end - close]
  const link = source.slice(from, to)
  if (link.includes('\n') || !/^https?:|^\{\{|^[\uE000\uE001]/i.test(masked.slice(open))) return []
  // Of the same length as what is written; actions in it are never split.
  const shape = masked
    .slice(open, masked.length - close)
    .replaceAll(/\{\{.*?\}\}/gs, (action) => 'x'.repeat(action.length))
  const hash = shape.indexOf('#')
  const late = hash === -1 ? -1 : shape.indexOf('?', hash)
  if (late === -1 || /^#[!/]/.test(shape.slice(hash))) return []
  const joint = shape.slice(0, hash).includes('?') ? '&' : '?'
  const moved = link.slice(0, hash) + joint + link.slice(late + 1) + link.slice(hash, late)
  return [{ start: from, end: to, text: moved }]
}
