import type { Automaton } from './automaton.ts'
import { addSpan } from './spans.ts'
import type { Finder } from './spans.ts'
import { isBreak, isEscape, isIndent, oneAlphabet, unescaper } from './unescape.ts'

/** How many line breaks and bytes of indentation may stand within a value. */
const mostLeftOut = 256

/** Finds strings that `unescaped` has read, however a writer has escaped and wrapped them. */
export function textFinder(automaton: Automaton): Finder {
  const { shift, next, depth, longest } = automaton
  const column = Uint8Array.from({ length: 256 }, (_, byte) => automaton.column[oneAlphabet(byte)] as number)
  /** The meaning of a byte outside an escape: 0 stands for itself, 1 breaks a line, 2 may indent one, 3 begins an escape. */
  const kinds = Uint8Array.from({ length: 256 }, (_, byte) =>
    isEscape(byte) ? 3 : isIndent(byte) ? 2 : isBreak(byte) ? 1 : 0,
  )
  const first = Uint8Array.from({ length: 256 }, (_, byte) =>
    isEscape(byte) || automaton.first[oneAlphabet(byte)] ? 1 : 0,
  )
  /** Where in the stream the last bytes were read that may belong to a string. */
  const mask = 2 ** Math.ceil(Math.log2(longest.reduce((a, b) => Math.max(a, b), 1) + 1)) - 1
  const starts = new Float64Array(mask + 1)
  let count = 0
  let state = 0
  let leftOut = 0
  let open = false
  /**
   * A line that ends in what may be an escape is not held back for the next one where no part of a secret came before it:
   * up to here it is let go.
   */
  let letGo = 0
  const reader = unescaper((byte, start, end) => {
    if (isBreak(byte) || (leftOut > 0 && isIndent(byte))) {
      leftOut += 1
      return
    }
    leftOut = 0
    state = next[state + (column[byte] as number)] as number
    if (state === 0) return
    starts[count++ & mask] = Math.max(start, letGo)
    const length = longest[state >> shift] as number
    if (length !== 0) addSpan(finder.spans, starts[(count - length) & mask] as number, end)
  })
  /** Goes through bytes up to the next escape; in variables of its own, for most of the time is spent here. */
  function pass(bytes: Uint8Array, begin: number, offset: number): number {
    const end = bytes.length
    let at = begin
    let row = state
    let left = leftOut
    let taken = count
    while (at < end) {
      // Most bytes begin no secret.
      if (row === 0) {
        while (at < end && first[bytes[at] as number] === 0) at++
        if (at === end) break
        left = 0
      }
      const byte = bytes[at++] as number
      const kind = kinds[byte] as number
      if (kind === 0 || (kind === 2 && left === 0)) {
        left = 0
        row = next[row + (column[byte] as number)] as number
        if (row === 0) continue
        starts[taken++ & mask] = offset + at - 1
        const length = longest[row >> shift] as number
        if (length !== 0) addSpan(finder.spans, starts[(taken - length) & mask] as number, offset + at)
      } else if (kind === 3) {
        open = true
        break
      } else if (++left > mostLeftOut) left = row = 0
    }
    state = row
    leftOut = left
    count = taken
    if (open) reader.push(bytes[at - 1] as number, offset + at - 1)
    return at
  }
  const finder: Finder = {
    spans: [],
    push(bytes, offset) {
      const end = bytes.length
      let at = 0
      while (at < end) {
        if (open) {
          reader.push(bytes[at] as number, offset + at++)
          open = reader.pending() >= 0
          if (open && state === 0 && reader.isBroken()) letGo = offset + at
          if (leftOut > mostLeftOut) leftOut = state = 0
        } else at = pass(bytes, at, offset)
      }
    },
    safe(end) {
      const begun = state === 0 ? end : (starts[(count - (depth[state >> shift] as number)) & mask] as number)
      const pending = reader.pending()
      if (pending < 0) return begun
      // An escape that was open when its line was let go stays open; what was let go is written already.
      return Math.max(letGo, Math.min(begun, pending))
    },
    end(at) {
      reader.end(at)
      state = 0
      open = false
      reader.reset()
    },
  }
  return finder
}
