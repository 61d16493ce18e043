import type { Automaton } from './automaton.ts'
import { matcher, oldestByte, takeByte } from './matcher.ts'
import { markPairs, nextPair, pairsOf } from './pairs.ts'
import { addSpan } from './spans.ts'
import type { Finder } from './spans.ts'

/** Longest offset at the beginning of a line of a dump, in digits. */
const longestOffset = 16
/** Shortest offset, in digits. */
const shortestOffset = 6
/** How many bytes in a row may stand between two digits. */
const mostBetween = 256
/** How far a found line of a dump may go on, in bytes. */
const longestLine = 1024

const backslash = 0x5c
const [lineFeed, space, zero, colon, bar, greater, letterX] = [0x0a, 0x20, 0x30, 0x3a, 0x7c, 0x3e, 0x78]

/** Letters that stand for white space behind a backslash: n, r and t. */
const breaks = new Set([0x6e, 0x72, 0x74])

/** The digit of each byte, 0 to 15; 16 for what may stand between digits, 17 for all else. */
const kinds = Uint8Array.from({ length: 256 }, (_, byte) => {
  const text = String.fromCharCode(byte)
  if (/[0-9a-f]/i.test(text)) return Number.parseInt(text, 16)
  return /[\s:,\\x-]/i.test(text) ? 16 : 17
})

/**
 * Finds strings of digits 0 to 15 in hexadecimal text of any case, wrapped and spaced as programs do: `6d61`, `6d 61`,
 * `6d:61`, `\x6d\x61`, `0x6d, 0x61`, and in the dumps of xxd, hexdump and od, whose lines begin with an offset. A line of
 * a dump is found to its end, where the same stands as text.
 */
export function hexFinder(automaton: Automaton): () => Finder {
  const pairs = pairsOf(automaton, (byte) => {
    const kind = kinds[byte] as number
    return kind === 16 ? 256 : kind
  })
  markPairs(pairs, zero)
  return () => {
    const match = matcher(automaton, longestOffset + 2)
    /** The state before the last digit, which may be the zero of `0x`; and before the line, which may begin with an offset. */
    let [rowBefore, countBefore] = [0, 0]
    let [lineRow, lineCount] = [0, 0]
    let before = lineFeed
    let between = 0
    /** Digits of the offset so far; -1 when the line has none. */
    let digits = -1
    let dump: 'no' | 'spaced' | 'colon' = 'no'
    let spaces = 0
    /** Behind the digits of a line stands the same as text. */
    let inText = false
    /** Where a string began that is found to the end of this line, and where that is at the latest; -1 for none. */
    let [open, openUntil] = [-1, 0]

    function feed(digit: number, at: number): void {
      rowBefore = match.row
      countBefore = match.count
      between = 0
      const from = takeByte(match, digit, at)
      if (from >= 0) addMatch(from, at)
    }
    function addMatch(from: number, at: number): void {
      addSpan(finder.spans, from, at + 1)
      if (dump === 'no') return
      if (open < 0) openUntil = at + longestLine
      open = open < 0 ? from : Math.min(open, from)
    }
    function close(at: number): void {
      if (open >= 0) addSpan(finder.spans, open, at)
      open = -1
    }
    function endLine(at: number): void {
      close(at)
      digits = -1
      dump = 'no'
      spaces = 0
      inText = false
    }
    function takeDigit(digit: number, byte: number, at: number): void {
      spaces = 0
      if (digits >= 0) digits += 1
      else if (byte === zero && before === lineFeed) {
        digits = 1
        lineRow = match.row
        lineCount = match.count
      }
      feed(digit, at)
    }
    /** Whether it is the letter of a line break in a string of JSON. */
    function isLineBreak(byte: number): boolean {
      return before === backslash && breaks.has(byte)
    }
    function takeOther(byte: number, kind: number): void {
      if (digits >= shortestOffset && digits <= longestOffset && (byte === colon || byte === space)) {
        match.row = lineRow
        match.count = lineCount
        dump = byte === colon ? 'colon' : 'spaced'
      } else if ((byte | 0x20) === letterX && before === zero) {
        match.row = rowBefore
        match.count = countBefore
      } else if (dump !== 'no' && (byte === bar || byte === greater)) inText = true
      else if ((kind === 17 && !isLineBreak(byte)) || ++between > mostBetween) match.row = 0
      digits = -1
      spaces = byte === space ? spaces + 1 : 0
      if (dump === 'colon' && spaces === 2) inText = true
    }
    function take(byte: number, at: number): void {
      const kind = kinds[byte] as number
      if (open >= 0 && at >= openUntil) close(at)
      if (byte === lineFeed) {
        if (++between > mostBetween) match.row = 0
        endLine(at)
      } else if (inText) {
        // The same as text, up to the end of the line.
      } else if (kind < 16) takeDigit(kind, byte, at)
      else takeOther(byte, kind)
      before = byte
    }
    /** Goes through bytes outside a dump up to a zero, which may begin an offset or `0x`. */
    function pass(bytes: Uint8Array, begin: number, offset: number): number {
      const end = bytes.length
      let at = begin
      let last = before
      while (at < end) {
        if (match.row === 0) {
          // Most bytes begin no secret.
          const from = at
          at = nextPair(pairs, bytes, at)
          if (at > from) last = bytes[at - 1] as number
        }
        const byte = bytes[at] as number
        if (byte === zero) break
        const kind = kinds[byte] as number
        if (kind < 16) {
          between = 0
          const from = takeByte(match, kind, offset + at)
          if (from >= 0) addSpan(finder.spans, from, offset + at + 1)
        } else if ((kind === 17 && (last !== backslash || !breaks.has(byte))) || ++between > mostBetween)
          match.row = 0
        last = byte
        at++
      }
      before = last
      return at
    }
    const finder: Finder = {
      spans: [],
      push(bytes, offset) {
        const end = bytes.length
        let at = 0
        while (at < end) {
          if (dump === 'no' && digits < 0 && before !== zero) at = pass(bytes, at, offset)
          if (at < end) take(bytes[at] as number, offset + at++)
        }
      },
      safe(end) {
        let safe = oldestByte(match, end)
        if (before === zero) safe = Math.min(safe, oldestByte(match, end, rowBefore, countBefore))
        if (digits >= 0) safe = Math.min(safe, oldestByte(match, end, lineRow, lineCount))
        return open < 0 ? safe : Math.min(safe, open)
      },
      end(at) {
        endLine(at)
        match.row = 0
        before = lineFeed
      },
    }
    return finder
  }
}
