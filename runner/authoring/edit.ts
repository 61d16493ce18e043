/** A replacement in a text, by offsets. */
export interface Edit {
  from: number
  to: number
  text: string
}

/** Applies edits that do not overlap; where one lies inside another, the outer one counts. */
export function applyEdits(source: string, edits: readonly Edit[]): string {
  let result = ''
  let at = 0
  for (const edit of edits.toSorted((a, b) => a.from - b.from || b.to - a.to)) {
    if (edit.from < at) continue
    result += source.slice(at, edit.from) + edit.text
    at = edit.to
  }
  return result + source.slice(at)
}
