/** A reference inside `${{ … }}`: `inputs.x`, `outputs.y`, or a field of `run`. */
export interface Reference {
  scope: 'inputs' | 'outputs' | 'run'
  name: string
  /** Offset of the `$` in the text. */
  offset: number
}

/** Fields of `run` a template may name. */
export const runFields = ['id', 'slug', 'actor'] as const

const template = /\$\{\{(.*?)\}\}/gs
const inner = /^\s*(inputs|outputs|run)\.([A-Za-z_][A-Za-z0-9_]*)\s*$/

export function hasTemplate(text: string): boolean {
  return text.includes('${{') && /\$\{\{.*?\}\}/s.test(text)
}

/** The references of a text in order; other text between the braces comes back as `invalid`. */
export function references(text: string): {
  valid: Reference[]
  invalid: { text: string; offset: number }[]
} {
  const valid: Reference[] = []
  const invalid: { text: string; offset: number }[] = []
  if (!hasTemplate(text)) return { valid, invalid }
  for (const match of text.matchAll(template)) {
    const parts = inner.exec(match[1] ?? '')
    if (parts)
      valid.push({ scope: parts[1] as Reference['scope'], name: parts[2] ?? '', offset: match.index })
    else invalid.push({ text: match[0], offset: match.index })
  }
  return { valid, invalid }
}

/** Writes a value for where it lands; `offset` is that of its template in the text. */
export type Encode = (value: string, offset: number) => string

/**
 * Replaces every reference that `lookup` knows, encoded for where it stands; the others stay as written. A template that a value
 * contains is marked, so that a second replacement of the same text never reads it as a template; `unmarked`
 * takes the marks away.
 */
export function substitute(
  text: string,
  lookup: (reference: Reference) => string | undefined,
  encode: Encode = (value) => value,
): string {
  if (!hasTemplate(text)) return text
  return text.replaceAll(template, (whole: string, body: string, offset: number) => {
    const parts = inner.exec(body)
    if (!parts) return whole
    const value = lookup({ scope: parts[1] as Reference['scope'], name: parts[2] ?? '', offset })
    return value === undefined ? whole : marked(encode(value, offset))
  })
}

/** No value holds a NUL character, so it can stand between a brace and what comes before. */
function marked(value: string): string {
  return value.includes('{') ? value.replaceAll('{', '\0{') : value
}

export function unmarked(text: string): string {
  return text.replaceAll('\0', '')
}
