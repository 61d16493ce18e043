import type { Json } from '../model/json.ts'

/**
 * Writes JSON as RFC 8785 (JCS) does, for the subset the journal allows: keys sorted by UTF-16 code units,
 * integers within ±2^53 only, well-formed text. Throws a TypeError for anything else, which is a bug of ours.
 */
export function canonical(value: Json): string {
  if (typeof value === 'number') {
    if (!Number.isSafeInteger(value))
      throw new TypeError(`The journal holds whole numbers only, not ${value}`)
    return String(value)
  }
  if (typeof value === 'string') return JSON.stringify(value.toWellFormed())
  if (value === null || typeof value === 'boolean') return String(value)
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  const members = Object.keys(value)
    .filter((key) => value[key] !== undefined)
    .toSorted()
    .map((key) => `${JSON.stringify(key)}:${canonical(value[key] ?? null)}`)
  return `{${members.join(',')}}`
}
