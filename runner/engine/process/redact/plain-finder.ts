import type { Automaton } from './automaton.ts'
import { markPairs, nextPair, pairsOf } from './pairs.ts'
import { quotedPrintable } from './quoted-printable.ts'
import { addSpan } from './spans.ts'
import type { Finder } from './spans.ts'

const equals = 0x3d

/** Finds strings as they are, and in quoted-printable. */
export function plainFinder(automaton: Automaton): () => Finder {
  const { shift, column, next, depth, longest } = automaton
  const pairs = pairsOf(automaton, (byte) => (byte === equals ? 256 : byte))
  markPairs(pairs, equals)
  return () => {
    let state = 0
    const quoted = quotedPrintable(automaton, (from, to) => addSpan(finder.spans, from, to))
    const finder: Finder = {
      spans: [],
      push(bytes, offset) {
        const end = bytes.length
        let at = 0
        let row = state
        let { isOpen } = quoted
        while (at < end) {
          // Most bytes begin no secret.
          if (row === 0 && !isOpen) at = nextPair(pairs, bytes, at)
          const byte = bytes[at] as number
          if (isOpen || byte === equals) isOpen = quoted.push(byte, offset + at, row)
          at++
          row = next[row + (column[byte] as number)] as number
          const length = longest[row >> shift] as number
          if (length !== 0) addSpan(finder.spans, offset + at - length, offset + at)
        }
        state = row
      },
      safe: (end) => Math.min(end - (depth[state >> shift] as number), quoted.oldest(end)),
      end() {
        state = 0
        quoted.reset()
      },
    }
    return finder
  }
}
