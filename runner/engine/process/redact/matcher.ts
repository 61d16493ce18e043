import type { Automaton } from './automaton.ts'

/** Follows bytes that are read out of a stream through an automaton, and knows where in the stream each stood. */
export interface Matcher {
  /** The state of the automaton; 0 when no string has begun. A finder may go back to an earlier `row` and `count`. */
  row: number
  /** How many bytes were taken. */
  count: number
  /** Takes a byte that stands at `start`. Where the longest string begins that ends with it; -1 when none does. */
  take(byte: number, start: number): number
  /** Where the oldest byte stands that may belong to a string in a state; `end` when none does. */
  oldest(end: number, row?: number, count?: number): number
}

/** `more` is how many bytes a finder may take and go back over. */
export function matcher({ shift, column, next, depth, longest }: Automaton, more = 1): Matcher {
  const mask = 2 ** Math.ceil(Math.log2(longest.reduce((a, b) => Math.max(a, b), 1) + more)) - 1
  const starts = new Float64Array(mask + 1)
  const match: Matcher = {
    row: 0,
    count: 0,
    take(byte, start) {
      const row = next[match.row + (column[byte] as number)] as number
      match.row = row
      if (row === 0) return -1
      const count = match.count + 1
      match.count = count
      starts[(count - 1) & mask] = start
      const length = longest[row >> shift] as number
      return length === 0 ? -1 : (starts[(count - length) & mask] as number)
    },
    oldest(end, row = match.row, count = match.count) {
      return row === 0 ? end : (starts[(count - (depth[row >> shift] as number)) & mask] as number)
    },
  }
  return match
}
