import type { Automaton } from './automaton.ts'
import { matcher, oldestByte, takeByte } from './matcher.ts'
import { addSpan } from './spans.ts'
import type { Finder } from './spans.ts'

/** How many bytes a cell takes. */
const cellWidth = 4
/** Fewest digits of the offset at the beginning of a line. */
const shortestOffset = 6

const [lineFeed, carriage, space, backslash] = [0x0a, 0x0d, 0x20, 0x5c]

const escapes: Record<string, number> = {
  '\\0': 0,
  '\\a': 7,
  '\\b': 8,
  '\\t': 9,
  '\\n': 10,
  '\\v': 11,
  '\\f': 12,
  '\\r': 13,
}

/** The byte that the text of a cell stands for; undefined when it is not a cell. */
function byteOf(text: string): number | undefined {
  if (text.length === 1) return text.charCodeAt(0)
  return /^[0-3][0-7]{2}$/.test(text) ? Number.parseInt(text, 8) : escapes[text]
}

/**
 * How many spaces stand before a cell that begins a string, by the first byte of its text; 0 for a byte that begins none.
 * A character takes one column, an escape two, and a number three.
 */
function spacesBeforeCells({ first }: Automaton): Uint8Array {
  const isFirst = (bytes: readonly number[]): boolean => bytes.some((byte) => first[byte] === 1)
  const all = Array.from(first.keys())
  const least = first.map((is) => (is === 1 ? cellWidth - 1 : 0))
  if (isFirst(Object.values(escapes))) least[backslash] = cellWidth - 2
  if (isFirst(all.filter((byte) => byte < 0x20 || byte > 0x7e))) least.fill(cellWidth - 3, 0x30, 0x34)
  least[space] = 0
  return least
}

/** Finds strings in the cells of `od -c` and `hexdump -c`: each character right-aligned in four columns, or its number. */
export function cellFinder(automaton: Automaton): () => Finder {
  const least = spacesBeforeCells(automaton)
  return () => {
    const match = matcher(automaton)
    let spaces = 0
    let isLineStart = true
    /** The text between spaces that is being read, and where it begins; -1 when none is. */
    let text = ''
    let start = -1
    function take(byte: number, from: number, to: number): void {
      const begin = takeByte(match, byte, from)
      if (begin >= 0) addSpan(finder.spans, begin, to)
    }
    function endText(): void {
      if (start < 0) return
      const from = start
      start = -1
      const columns = spaces + text.length
      const isOffset = isLineStart && spaces === 0 && text.length >= shortestOffset && /^[\da-f]+$/.test(text)
      isLineStart = false
      spaces = 0
      if (isOffset) return
      const byte = byteOf(text)
      const isBegun = match.row !== 0
      if (byte === undefined || (isBegun && columns % cellWidth !== 0)) {
        match.row = 0
        return
      }
      if (isBegun)
        for (let column = columns; column > cellWidth; column -= cellWidth)
          take(space, from - column + text.length, from - column + text.length + cellWidth)
      take(byte, from, from + text.length)
    }
    function takeBreak(at: number): void {
      endText()
      if (match.row !== 0)
        for (let column = spaces; column >= cellWidth; column -= cellWidth)
          take(space, at - column, at - column + cellWidth)
      spaces = 0
      isLineStart = true
    }
    /** The place of the next byte that may begin a string; counts the spaces before it. */
    function skip(bytes: Uint8Array, from: number): number {
      const end = bytes.length
      let at = from
      let count = spaces
      while (at < end) {
        while (at < end && least[bytes[at] as number] === 0) at++
        count = spacesBefore(bytes, from, at)
        if (at === end || count >= (least[bytes[at] as number] as number)) break
        at++
        count = 0
      }
      spaces = count
      return at
    }
    function spacesBefore(bytes: Uint8Array, from: number, at: number): number {
      let before = at
      while (before > from && bytes[before - 1] === space) before--
      return before === from ? at - before + spaces : at - before
    }
    const finder: Finder = {
      spans: [],
      push(bytes, offset) {
        const end = bytes.length
        let at = 0
        while (at < end) {
          // Most bytes begin no secret.
          if (match.row === 0 && start < 0) at = skip(bytes, at)
          if (at === end) return
          const byte = bytes[at] as number
          if (byte === space) {
            endText()
            spaces += 1
          } else if (byte === lineFeed || byte === carriage) takeBreak(offset + at)
          else {
            if (start < 0) {
              start = offset + at
              text = ''
            }
            if (text.length < 2 * shortestOffset) text += String.fromCharCode(byte)
          }
          at++
        }
      },
      safe(end) {
        const begun = oldestByte(match, end)
        // A longer text is not a cell.
        return start >= 0 && text.length < cellWidth ? Math.min(begun, start) : begun
      },
      end() {
        endText()
        match.row = 0
      },
    }
    return finder
  }
}
