/** The candidate closest to what was typed, when close enough to be a misspelling (a third of its length, at least 2 edits). */
function suggest(typed: string, candidates: readonly string[]): string | undefined {
  const limit = Math.max(2, Math.floor(typed.length / 3))
  const ranked = candidates
    .map((candidate) => ({ candidate, distance: editDistance(typed, candidate) }))
    .filter(({ distance }) => distance <= limit)
    .toSorted((a, b) => a.distance - b.distance)
  return ranked[0]?.candidate
}

/** "Did you mean X?" for a misspelling, otherwise the list of what exists. */
export function suggestion(typed: string, candidates: readonly string[], prefix = ''): string {
  const near = suggest(typed, candidates)
  if (near !== undefined) return `Did you mean ${prefix}${near}?`
  return `Use one of: ${candidates.map((candidate) => prefix + candidate).join(', ')}.`
}

/** Edits (insert, delete, replace, swap neighbors) that turn one word into the other. */
function editDistance(from: string, to: string): number {
  let beforeLast: number[] = []
  let last = Array.from({ length: to.length + 1 }, (_, index) => index)
  for (let i = 1; i <= from.length; i++) {
    const row = [i]
    for (let j = 1; j <= to.length; j++) {
      const replace = (last[j - 1] ?? 0) + (from[i - 1] === to[j - 1] ? 0 : 1)
      let best = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, replace)
      const swapped = i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1]
      if (swapped) best = Math.min(best, (beforeLast[j - 2] ?? 0) + 1)
      row.push(best)
    }
    beforeLast = last
    last = row
  }
  return last[to.length] ?? 0
}
