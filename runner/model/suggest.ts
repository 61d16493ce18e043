/** The nearest of `candidates` to a misspelt `word`, or undefined when none is near. */
export function suggest(word: string, candidates: Iterable<string>): string | undefined {
  const wanted = word.toLowerCase()
  let best: string | undefined
  let most = Math.max(1, Math.floor(word.length / 3))
  for (const candidate of candidates) {
    // A name that is longer or shorter by more than that needs more edits.
    if (Math.abs(candidate.length - word.length) > most) continue
    const distance = editDistance(wanted, candidate.toLowerCase(), most)
    if (distance > most) continue
    best = candidate
    most = distance - 1
    if (most < 0) break
  }
  return best
}

/** Most different words that are looked up in one list: a person with more of them has another problem. */
const mostWords = 200

/** Suggestions out of one list for many words: each word is looked up once, and only the first ones are. */
export function suggester(candidates: readonly string[]): (word: string) => string | undefined {
  const names = [...new Set(candidates)]
  const cache = new Map<string, string | undefined>()
  return (word) => {
    if (!cache.has(word) && cache.size < mostWords) cache.set(word, suggest(word, names))
    return cache.get(word)
  }
}

/** The replacement for a word that is not among `candidates`: the nearest, else all of them. */
export function suggestion(word: string, candidates: readonly string[]): string {
  const near = suggest(word, candidates)
  if (near !== undefined) return `Did you mean \`${near}\`?`
  return `Use one of ${candidates.map((candidate) => `\`${candidate}\``).join(', ')}.`
}

/** Optimal string alignment distance: a swap of neighbors counts as one edit. Above `most` it may be any larger number. */
function editDistance(a: string, b: string, most: number): number {
  let beforeLast: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, index) => index)
  let leastBefore = 0
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    let least = i
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1
      let edits = Math.min((row[j - 1] ?? 0) + 1, (last[j] ?? 0) + 1, (last[j - 1] ?? 0) + cost)
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        edits = Math.min(edits, (beforeLast[j - 2] ?? 0) + 1)
      row[j] = edits
      least = Math.min(least, edits)
    }
    // A swap reaches back two rows.
    if (least > most && leastBefore > most) return most + 1
    leastBefore = least
    beforeLast = last
    last = row
  }
  return last[b.length] ?? 0
}
