import type { Automaton } from './automaton.ts'
import { addSpan } from './spans.ts'
import type { Finder } from './spans.ts'

/** Finds strings as they are. */
export function plainFinder({ shift, column, first, next, depth, longest }: Automaton): Finder {
  let state = 0
  const finder: Finder = {
    spans: [],
    push(bytes, offset) {
      const end = bytes.length
      let at = 0
      let row = state
      while (at < end) {
        // Most bytes begin no secret.
        if (row === 0) while (at < end && first[bytes[at] as number] === 0) at++
        if (at === end) break
        row = next[row + (column[bytes[at++] as number] as number)] as number
        const length = longest[row >> shift] as number
        if (length !== 0) addSpan(finder.spans, offset + at - length, offset + at)
      }
      state = row
    },
    safe: (end) => end - (depth[state >> shift] as number),
    end: () => void (state = 0),
  }
  return finder
}
