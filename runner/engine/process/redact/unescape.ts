/** Takes a byte that was read out of others: the first of them stands at `start`, the last ends at `end`. */
type Emit = (byte: number, start: number, end: number) => void

const percent = 0x25
const backslash = 0x5c

/** Whether a byte begins an escape. */
export function isEscape(byte: number): boolean {
  return byte === percent || byte === backslash
}

/** Whether a byte is a line break, which is always left out. */
export function isBreak(byte: number): boolean {
  return byte === 0x0a || byte === 0x0d
}

/** Whether a byte is left out behind a line break, as indentation. */
export function isIndent(byte: number): boolean {
  return byte === 0x20 || byte === 0x09
}

/** base64 has two alphabets, which are read as one. */
export function oneAlphabet(byte: number): number {
  return byte === 0x2d ? 0x2b : byte === 0x5f ? 0x2f : byte
}

/** What letters after a backslash stand for. */
const controls: Record<string, number> = { b: 8, t: 9, n: 10, v: 11, f: 12, r: 13 }

/** What is being read: nothing, `%`, `%4`; or `\`, and digits after `\u`, `\x` or `\3`. */
interface Escape {
  base: 16 | 8
  digits: number
  wanted: number
  value: number
}

export interface Unescaper {
  /** Takes the next byte, which stands at `at`. */
  push(byte: number, at: number): void
  /** Where the escape began that is being read; -1 when none is. */
  pending(): number
  reset(): void
}

/**
 * Resolves the escapes of URLs, JSON and shells, and reads both alphabets of base64 as one. A secret and what any writer
 * makes of it are read as the same bytes, so no form of them has to be known.
 */
export function unescaper(emit: Emit): Unescaper {
  /** The percent sign that is open, and its first digit. */
  let percentAt = -1
  let high = -1
  /** The backslash that is open, and the digits after it. */
  let slashAt = -1
  let escape: Escape | undefined
  /** The first half of a character beyond the sixteen bits of `\u`, and where it began. */
  let half = 0
  let halfAt = -1

  function out(byte: number, start: number, end: number): void {
    emit(oneAlphabet(byte), start, end)
  }
  function character(code: number, start: number, end: number): void {
    if (code >= 0xd8_00 && code < 0xdc_00) {
      half = code
      halfAt = start
      return
    }
    const pair = code >= 0xdc_00 && code < 0xe0_00 && halfAt >= 0
    const point = pair ? 0x1_00_00 + (half - 0xd8_00) * 0x4_00 + (code - 0xdc_00) : code
    const from = pair ? halfAt : start
    halfAt = -1
    if (point < 0x80) out(point, from, end)
    else for (const byte of Buffer.from(String.fromCodePoint(point))) out(byte, from, end)
  }
  /** The letter after a backslash. */
  function letter(byte: number, end: number): void {
    const start = slashAt
    if (byte === backslash) return
    // u, x and the digits of octal numbers
    if (byte === 0x75) escape = { base: 16, digits: 0, wanted: 4, value: 0 }
    else if (byte === 0x78) escape = { base: 16, digits: 0, wanted: 2, value: 0 }
    else if (byte >= 0x30 && byte <= 0x33) escape = { base: 8, digits: 1, wanted: 3, value: byte - 0x30 }
    else {
      slashAt = -1
      halfAt = -1
      out(controls[String.fromCharCode(byte)] ?? byte, start, end)
    }
  }
  function digit(byte: number, at: number, end: number): void {
    const { base, wanted } = escape as Escape
    const value = Number.parseInt(String.fromCharCode(byte), base)
    if (Number.isNaN(value)) {
      endEscape(at)
      return plain(byte, at, end)
    }
    const read = escape as Escape
    read.digits += 1
    read.value = read.value * base + value
    if (read.digits < wanted) return
    const start = slashAt
    slashAt = -1
    escape = undefined
    if (wanted === 4) character(read.value, start, end)
    else {
      halfAt = -1
      out(read.value & 0xff, start, end)
    }
  }
  /** It was none: its letter and digits stand for themselves. */
  function endEscape(end: number): void {
    const { base, digits, wanted, value } = escape as Escape
    const start = slashAt
    slashAt = -1
    halfAt = -1
    escape = undefined
    if (base === 16) out(wanted === 4 ? 0x75 : 0x78, start, end)
    const text = value.toString(base).padStart(digits, '0')
    if (digits > 0) for (const one of Buffer.from(text)) out(one, start, end)
  }
  /** A byte whose percent sign is resolved. */
  function plain(byte: number, start: number, end: number): void {
    if (escape) return digit(byte, start, end)
    if (slashAt >= 0) return letter(byte, end)
    if (byte === backslash) {
      slashAt = start
      return
    }
    halfAt = -1
    out(byte, start, end)
  }
  function reset(): void {
    percentAt = high = slashAt = halfAt = -1
    escape = undefined
  }
  return {
    push(byte, at) {
      if (percentAt < 0) {
        if (byte === percent) percentAt = at
        else plain(byte, at, at + 1)
        return
      }
      const value = hexOf(byte)
      const start = percentAt
      if (value >= 0 && high < 0) {
        high = value
        return
      }
      const first = high
      percentAt = high = -1
      if (value >= 0) {
        const read = first * 16 + value
        // What was escaped twice is resolved twice.
        if (read === percent) percentAt = start
        else plain(read, start, at + 1)
        return
      }
      plain(percent, start, at)
      if (first >= 0) plain(first < 10 ? 0x30 + first : 0x57 + first, start, at)
      if (byte === percent) percentAt = at
      else plain(byte, at, at + 1)
    },
    pending() {
      let first = -1
      for (const at of [percentAt, slashAt, halfAt]) if (at >= 0 && (first < 0 || at < first)) first = at
      return first
    },
    reset,
  }
}

/** The value of a hexadecimal digit; -1 when it is none. */
function hexOf(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30
  const lower = byte | 0x20
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1
}

/** A whole text as it is read: resolved and without line breaks and what indents the next line. */
export function unescaped(bytes: Uint8Array): Buffer {
  const read: number[] = []
  let wrapped = false
  const reader = unescaper((byte) => {
    wrapped = isBreak(byte) || (wrapped && isIndent(byte))
    if (!wrapped) read.push(byte)
  })
  for (const [at, byte] of bytes.entries()) reader.push(byte, at)
  return Buffer.from(read)
}
