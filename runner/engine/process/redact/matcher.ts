import type { Automaton } from './automaton.ts'

/** Follows bytes that are read out of a stream through an automaton, and knows where in the stream each stood. */
export interface Matcher extends Automaton {
  /** The state of the automaton; 0 when no string has begun. A finder may go back to an earlier `row` and `count`. */
  row: number
  /** How many bytes were taken. */
  count: number
  /** Where each of the last bytes stood, by its number in a circle of a power of two; `mask` is one less. */
  starts: Float64Array
  mask: number
}

/** `more` is how many bytes a finder may take and go back over. */
export function matcher(automaton: Automaton, more = 1): Matcher {
  const mask = 2 ** Math.ceil(Math.log2(automaton.most + more)) - 1
  return { ...automaton, row: 0, count: 0, starts: new Float64Array(mask + 1), mask }
}

/** Takes a byte that stands at `start`. Where the longest string begins that ends with it; -1 when none does. */
export function takeByte(match: Matcher, byte: number, start: number): number {
  const row = match.next[match.row + (match.column[byte] as number)] as number
  match.row = row
  if (row === 0) return -1
  const { count, mask, starts } = match
  starts[count & mask] = start
  match.count = count + 1
  const length = match.longest[row >> match.shift] as number
  return length === 0 ? -1 : (starts[(count + 1 - length) & mask] as number)
}

/** Where the oldest byte stands that may belong to a string in a state; `end` when none does. */
export function oldestByte(match: Matcher, end: number, row = match.row, count = match.count): number {
  if (row === 0) return end
  return match.starts[(count - (match.depth[row >> match.shift] as number)) & match.mask] as number
}
