import type { Automaton } from './automaton.ts'
import { matcher, oldestByte, takeByte } from './matcher.ts'
import { markPairs, nextPair, pairsOf } from './pairs.ts'
import { addSpan } from './spans.ts'
import type { Finder } from './spans.ts'
import { isBreak, isEscape, isIndent, oneAlphabet, unescaper } from './unescape.ts'

/** How many line breaks and bytes of indentation may stand within a value. */
const mostLeftOut = 256

/** Stands for itself, indents a line, breaks a line, or begins an escape. */
const [letter, indent, lineBreak, escape] = [0, 1, 2, 3]

const kinds = Uint8Array.from({ length: 256 }, (_, byte) =>
  isEscape(byte) ? escape : isBreak(byte) ? lineBreak : isIndent(byte) ? indent : letter,
)

/** Finds strings that `unescaped` has read, however a writer has escaped and wrapped them. */
export function textFinder(automaton: Automaton): () => Finder {
  const column = Uint8Array.from({ length: 256 }, (_, byte) => automaton.column[oneAlphabet(byte)] as number)
  const pairs = pairsOf(automaton, (byte) => {
    const kind = kinds[byte]
    return kind === escape || kind === lineBreak ? 256 : oneAlphabet(byte)
  })
  for (const [byte, kind] of kinds.entries()) if (kind === escape) markPairs(pairs, byte)
  return () => {
    const match = matcher({ ...automaton, column })
    let leftOut = 0
    let open = false
    /**
     * A line that ends in what may be an escape is not held back for the next one where no part of a secret came before
     * it: up to here it is let go.
     */
    let letGo = 0
    function take(byte: number, start: number, end: number): void {
      const kind = kinds[byte]
      if (kind === lineBreak || (kind === indent && leftOut > 0)) {
        if (++leftOut > mostLeftOut) leftOut = match.row = 0
        return
      }
      leftOut = 0
      const from = takeByte(match, byte, start)
      if (from >= 0) addSpan(finder.spans, from, end)
    }
    const reader = unescaper((byte, start, end) => take(byte, Math.max(start, letGo), end))
    /** Goes through bytes up to the next escape; in variables of its own, for most of the time is spent here. */
    function pass(bytes: Uint8Array, from: number, offset: number): number {
      const { next, longest, shift, starts, mask } = match
      const end = bytes.length
      let { row, count } = match
      let left = leftOut
      let at = from
      for (; at < end; at++) {
        if (row === 0) {
          // Most bytes begin no secret.
          at = nextPair(pairs, bytes, at)
          left = 0
        }
        const byte = bytes[at] as number
        const kind = kinds[byte] as number
        if (kind === letter || (kind === indent && left === 0)) {
          left = 0
          row = next[row + (column[byte] as number)] as number
          if (row === 0) continue
          starts[count++ & mask] = offset + at
          const length = longest[row >> shift] as number
          if (length !== 0) addSpan(finder.spans, starts[(count - length) & mask] as number, offset + at + 1)
        } else if (kind === escape) break
        else if (++left > mostLeftOut) left = row = 0
      }
      match.row = row
      match.count = count
      leftOut = left
      return at
    }
    const finder: Finder = {
      spans: [],
      push(bytes, offset) {
        const end = bytes.length
        let at = 0
        while (at < end) {
          if (!open) at = pass(bytes, at, offset)
          if (at === end) return
          const place = offset + at
          reader.push(bytes[at++] as number, place)
          open = reader.pending() >= 0
          if (open && match.row === 0 && reader.isBroken()) letGo = offset + at
        }
      },
      safe(end) {
        const begun = oldestByte(match, end)
        const pending = reader.pending()
        if (pending < 0) return begun
        // An escape that was open when its line was let go stays open; what was let go is written already.
        return Math.max(letGo, Math.min(begun, pending))
      },
      end(at) {
        reader.end(at)
        match.row = 0
        open = false
        reader.reset()
      },
    }
    return finder
  }
}
