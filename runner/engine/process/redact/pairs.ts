import type { Automaton } from './automaton.ts'

/**
 * Whether two bytes in a row can begin a string, by `first << 8 | second`: in much text most bytes begin one, but few pairs
 * do. `read` gives the byte that the automaton takes for a byte of the stream, 0 to 255; 256 when the finder decides.
 */
export function pairsOf(
  { column, next, depth, shift }: Automaton,
  read: (byte: number) => number,
): Uint8Array {
  const pairs = new Uint8Array(0x1_00_00)
  const columns = Array.from({ length: 256 }, (_, byte) => column[read(byte)] ?? -1)
  for (const [first, edge] of columns.entries()) {
    const row = edge < 0 ? 0 : (next[edge] as number)
    if (row === 0) continue
    for (const [second, after] of columns.entries())
      if (after < 0 || (depth[(next[row + after] as number) >> shift] as number) > 1)
        pairs[(first << 8) | second] = 1
  }
  return pairs
}

/** Marks all pairs that begin with a byte. */
export function markPairs(pairs: Uint8Array, byte: number): void {
  pairs.fill(1, byte << 8, (byte + 1) << 8)
}

/** The place of the next two bytes in a row that are marked; the last byte, which the next chunk goes on, is one. */
export function nextPair(pairs: Uint8Array, bytes: Uint8Array, from: number): number {
  const last = bytes.length - 1
  let at = from
  let pair = bytes[at] as number
  while (at < last) {
    pair = ((pair << 8) | (bytes[at + 1] as number)) & 0xff_ff
    if (pairs[pair] === 1) return at
    at++
  }
  return at
}
