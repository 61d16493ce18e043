import type { Json } from '../../model/values/json.ts'

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

/** Whether a text is the canonical form of the value it was parsed to; most are, and are seen so without sorting. */
export function isCanonical(text: string, value: Json): boolean {
  if (isOrdered(value) && JSON.stringify(value) === text) return true
  try {
    return canonical(value) === text
  } catch {
    return false
  }
}

function isOrdered(value: Json): boolean {
  if (typeof value === 'string') return value.isWellFormed()
  if (typeof value === 'number') return Number.isSafeInteger(value)
  if (typeof value !== 'object' || value === null) return true
  if (Array.isArray(value)) return value.every(isOrdered)
  let before = ''
  for (const key in value) {
    if (key < before || !isOrdered(value[key] ?? null)) return false
    before = key
  }
  return true
}
