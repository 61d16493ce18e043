import type { Automaton } from './automaton.ts'

const [lineFeed, carriage, equals] = [0x0a, 0x0d, 0x3d]

/** The value of each hexadecimal digit; 16 for all else. */
const digitOf = Uint8Array.from({ length: 256 }, (_, byte) => {
  const text = String.fromCharCode(byte)
  return /[\da-f]/i.test(text) ? Number.parseInt(text, 16) : 16
})

/** Follows strings some of whose bytes are written as `=C3`, in lines that may end in `=`. */
export interface QuotedPrintable {
  /** Whether the next byte may belong to an escape, or to a string with one. */
  isOpen: boolean
  /** Takes the byte at `at`; `row` is the state in which the bytes before it were read as they are. Returns `isOpen`. */
  push(byte: number, at: number, row: number): boolean
  /** Where the oldest byte stands that may belong to a string; `end` when none does. */
  oldest(end: number): number
  reset(): void
}

/** Begins at an escape, in the state of the automaton in which what stands before it was read. */
export function quotedPrintable(
  { shift, column, next, depth, longest, most }: Automaton,
  addMatch: (from: number, to: number) => void,
): QuotedPrintable {
  const mask = 2 ** Math.ceil(Math.log2(most + 1)) - 1
  const starts = new Float64Array(mask + 1)
  /** Where the sign of an escape stands that is being read; -1 when none is. */
  let sign = -1
  /** The digit or carriage return after the sign; -1 when none came. */
  let second = -1
  let state = 0
  /** Where the bytes begin that were taken, how many these are, and how many of them came after the last escape. */
  let from = 0
  let taken = 0
  let since = 0
  let isFollowing = false

  function placeOf(length: number): number {
    return length > taken ? from - (length - taken) : (starts[(taken - length) & mask] as number)
  }
  function take(byte: number, start: number, end: number): void {
    state = next[state + (column[byte] as number)] as number
    starts[taken++ & mask] = start
    const length = longest[state >> shift] as number
    if (length !== 0) addMatch(placeOf(length), end)
  }
  /** A string that has begun after the last escape is found as it is. */
  function takePlain(byte: number, at: number): void {
    if (!isFollowing) return
    take(byte, at, at + 1)
    since += 1
    isFollowing = (depth[state >> shift] as number) > since
  }
  /** The escape is complete; it has no value where it breaks a line. */
  function resolve(value: number, end: number): void {
    if (value >= 0) take(value, sign, end)
    sign = -1
    since = 0
    isFollowing = state !== 0
  }
  /** It was none: the sign and what follows it stand for themselves. */
  function release(): void {
    const [start, letter] = [sign, second]
    sign = -1
    takePlain(equals, start)
    if (letter >= 0) takePlain(letter, start + 1)
  }
  const reader: QuotedPrintable = {
    isOpen: false,
    push(byte, at, row) {
      const digit = digitOf[byte] as number
      const isEmpty = sign >= 0 && second < 0
      if (isEmpty && (digit < 16 || byte === carriage)) second = byte
      else if (byte === lineFeed && (isEmpty || second === carriage) && sign >= 0) resolve(-1, at + 1)
      else if (sign >= 0 && !isEmpty && second !== carriage && digit < 16)
        resolve((digitOf[second] as number) * 16 + digit, at + 1)
      else {
        if (sign >= 0) release()
        if (byte === equals) {
          sign = at
          second = -1
          if (!isFollowing) {
            state = row
            from = at
            taken = 0
          }
        } else takePlain(byte, at)
      }
      reader.isOpen = sign >= 0 || isFollowing
      return reader.isOpen
    },
    oldest(end) {
      if (!reader.isOpen) return end
      const begun = state === 0 ? end : placeOf(depth[state >> shift] as number)
      return sign < 0 ? begun : Math.min(begun, sign)
    },
    reset() {
      sign = -1
      isFollowing = reader.isOpen = false
    },
  }
  return reader
}
