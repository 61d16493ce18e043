import type { Automaton } from './automaton.ts'
import { matcher, oldestByte, takeByte } from './matcher.ts'
import type { Matcher } from './matcher.ts'
import { addSpan } from './spans.ts'
import type { Finder } from './spans.ts'

/** How many bytes in a row may stand between two numbers. */
const mostBetween = 64
/** Most digits of a byte. */
const mostDigits = 3
/** Fewest digits of the offset at the beginning of a line of a dump. */
const shortestOffset = 6
/** One more than any byte. */
const tooLarge = 0x1_00

/** The digit of each byte, 0 to 9; 10 for what may stand between numbers, 11 for all else. */
const kinds = Uint8Array.from({ length: 256 }, (_, byte) => {
  const text = String.fromCharCode(byte)
  return /\d/.test(text) ? Number(text) : /[\s,;:.|()[\]{}\\nrt-]/.test(text) ? 10 : 11
})

/**
 * Finds bytes that are written as numbers, however they are set apart: `104, 117`, `[104 117]`, the lines of `od -tu1` and,
 * in base 8, of `od -b`.
 */
export function numberFinder(automaton: Automaton): () => Finder {
  const { first } = automaton
  /** Whether three digits, in one base or the other, begin a string. */
  const begins = Uint8Array.from({ length: 1000 }, (_, value) => {
    const octal = Math.floor(value / 100) * 64 + (Math.floor(value / 10) % 10) * 8 + (value % 10)
    return first[value] === 1 || first[octal] === 1 ? 1 : 0
  })
  /** The place of the next number that may begin a string. */
  function skip(bytes: Uint8Array, from: number): number {
    const end = bytes.length
    let at = from
    while (at < end) {
      while (at < end && (kinds[bytes[at] as number] as number) > 9) at++
      const start = at
      let value = 0
      for (; at < end; at++) {
        const digit = kinds[bytes[at] as number] as number
        if (digit > 9) break
        value = value * 10 + digit
      }
      if (at === end || (at - start <= mostDigits && begins[value] === 1)) return start
    }
    return end
  }
  return () => {
    const [decimal, octal] = [matcher(automaton), matcher(automaton)]
    /** Where the number begins that is being read; -1 when none is. */
    let start = -1
    let digits = 0
    let [inDecimal, inOctal] = [0, 0]
    let between = 0
    function takeDigit(digit: number, at: number): void {
      if (start < 0) {
        start = at
        digits = inDecimal = inOctal = 0
      }
      digits += 1
      inDecimal = Math.min(inDecimal * 10 + digit, tooLarge)
      inOctal = digit > 7 ? tooLarge : Math.min(inOctal * 8 + digit, tooLarge)
    }
    /** The offset of a line goes on with what was read before it. */
    function takeNumber(match: Matcher, value: number, isByte: boolean, at: number): void {
      if (!isByte) {
        if (digits < shortestOffset) match.row = 0
        return
      }
      const from = takeByte(match, value, start)
      if (from >= 0) addSpan(finder.spans, from, at)
    }
    function endNumber(at: number): void {
      if (start < 0) return
      takeNumber(decimal, inDecimal, inDecimal < tooLarge && digits <= mostDigits, at)
      takeNumber(octal, inOctal, inOctal < tooLarge && digits === mostDigits, at)
      start = -1
      between = 0
    }
    const finder: Finder = {
      spans: [],
      push(bytes, offset) {
        const end = bytes.length
        let at = 0
        while (at < end) {
          // Most numbers begin no secret.
          if (start < 0 && decimal.row === 0 && octal.row === 0) at = skip(bytes, at)
          if (at === end) return
          const kind = kinds[bytes[at] as number] as number
          if (kind < 10) takeDigit(kind, offset + at)
          else {
            endNumber(offset + at)
            if (kind === 11 || ++between > mostBetween) decimal.row = octal.row = 0
          }
          at++
        }
      },
      safe(end) {
        const begun = Math.min(oldestByte(decimal, end), oldestByte(octal, end))
        return start >= 0 && digits <= mostDigits ? Math.min(begun, start) : begun
      },
      end(at) {
        endNumber(at)
        decimal.row = octal.row = 0
      },
    }
    return finder
  }
}
