/** How the lines of a journal on this disk stand to those that are stored. */
export type Standing =
  /** The stored lines begin those here: the rest is to be shipped, from this place. */
  | { type: 'ahead'; from: number }
  /** Those here begin the stored ones: this disk has lost lines, from this place. */
  | { type: 'behind'; from: number }
  /** They differ, at this place. */
  | { type: 'forked'; at: number }

/** Compares two journals line by line, byte by byte. Equal ones are `ahead` by nothing. */
export function reconcile(here: readonly string[], stored: readonly string[]): Standing {
  const most = Math.min(here.length, stored.length)
  for (let at = 0; at < most; at++) if (here[at] !== stored[at]) return { type: 'forked', at }
  return here.length >= stored.length
    ? { type: 'ahead', from: stored.length }
    : { type: 'behind', from: here.length }
}
