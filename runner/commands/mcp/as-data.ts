import type { Json } from '../../model/values/json.ts'
import { printable } from '../../kit/io.ts'

/** Most characters of one text, and of a whole answer, by default. */
export const mostText = 8_000
const mostItems = 500

/**
 * A value as an agent gets it: text is bounded and its control characters are visible, lists are bounded. Text of documents,
 * labels and programs is a member of an object, never a sentence of ours.
 */
export function asData(value: unknown, most = mostText): Json {
  if (typeof value === 'string') return bounded(printable(value), most)
  if (typeof value === 'number' || typeof value === 'boolean') return value
  if (Array.isArray(value)) return value.slice(0, mostItems).map((item) => asData(item, most))
  if (typeof value !== 'object' || value === null) return null
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, one]) =>
      one === undefined ? [] : [[printable(name).slice(0, 200), asData(one, most)]],
    ),
  )
}

function bounded(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most)}… (${text.length - most} more characters)`
}
