import { backslash, emitPoint, lastPoint } from './stage.ts'
import type { Emit, Stage } from './stage.ts'

const [letterU, letterX, longU] = [0x75, 0x78, 0x55]
const [openBrace, closeBrace] = [0x7b, 0x7d]
/** Most digits between braces. */
const mostDigits = 6

/** The meanings of letters after a backslash. */
const controls: Record<string, number> = { b: 8, t: 9, n: 10, v: 11, f: 12, r: 13 }

/** How many digits follow each letter of an escape. */
const digitsAfter = new Map([
  [letterU, 4],
  [letterX, 2],
  [longU, 8],
])

/** The state after a backslash: digits after `\u`, `\u{`, `\x` or `\3`. */
interface Escape {
  base: 16 | 8
  /** The letter before the digits; none in base 8. */
  letter?: number
  /** Those so far, as bytes. */
  digits: number[]
  /** How many digits it has; 0 for those up to a brace. */
  wanted: number
}

/** `\u002f`, `\U0000002f`, `\u{2f}`, `\x2f`, `\057`, `\n`, `\/`. */
export function slashStage(emit: Emit): Stage & { continueLine(): void } {
  /** The backslash that is open, and the digits after it. */
  let slashAt = -1
  let escape: Escape | undefined
  /**
   * The backslash ended a line: a shell goes on with what follows, as it stands. Only `u` and `x` begin an escape then,
   * and digits behind another escape.
   */
  let continued = false
  let plainSlash = false
  let afterEscape = false
  /** The first half of a character beyond the sixteen bits of `\u`, and where it began. */
  let half = 0
  let halfAt = -1

  function reset(): void {
    slashAt = halfAt = -1
    escape = undefined
    continued = false
  }
  function character(code: number, start: number, ends: number): void {
    if (code >= 0xd8_00 && code < 0xdc_00) {
      half = code
      halfAt = start
      return
    }
    const pair = code >= 0xdc_00 && code < 0xe0_00 && halfAt >= 0
    const from = pair ? halfAt : start
    halfAt = -1
    emitPoint(pair ? 0x1_00_00 + (half - 0xd8_00) * 0x4_00 + (code - 0xdc_00) : code, from, ends, emit)
  }
  function letter(byte: number, at: number, ends: number): void {
    if (byte === backslash) {
      if (continued) slashAt = at
      continued = false
      return
    }
    const wanted = digitsAfter.get(byte)
    if (wanted !== undefined) escape = { base: 16, letter: byte, digits: [], wanted }
    else if ((!continued || afterEscape) && byte >= 0x30 && byte <= 0x33)
      escape = { base: 8, digits: [byte], wanted: 3 }
    else {
      const start = slashAt
      const control = continued ? undefined : controls[String.fromCharCode(byte)]
      reset()
      emit(control ?? byte, start, ends)
    }
  }
  function digit(byte: number, at: number, ends: number): void {
    const { base, letter: by, digits, wanted } = escape as Escape
    if (byte === openBrace && by === letterU && digits.length === 0) {
      escape = { base, letter: by, digits, wanted: 0 }
      return
    }
    const closed = byte === closeBrace && wanted === 0 && digits.length > 0
    const isDigit = !Number.isNaN(Number.parseInt(String.fromCharCode(byte), base))
    if (!closed && (!isDigit || digits.length === (wanted || mostDigits))) {
      end(at)
      push(byte, at, ends)
      return
    }
    if (!closed) digits.push(byte)
    if (!closed && digits.length !== wanted) return
    const value = Number.parseInt(String.fromCharCode(...digits), base)
    const start = slashAt
    slashAt = -1
    escape = undefined
    continued = false
    afterEscape = true
    if (by === letterU || by === longU) character(Math.min(value, lastPoint), start, ends)
    else {
      halfAt = -1
      emit(value & 0xff, start, ends)
    }
  }
  /** It was none: its letter and digits stand for themselves. */
  function end(at: number): void {
    const [start, read] = [slashAt, escape]
    reset()
    if (!read) return
    if (read.letter !== undefined) emit(read.letter, start, at)
    if (read.wanted === 0) emit(openBrace, start, at)
    for (const one of read.digits) emit(one, start, at)
  }
  function push(byte: number, at: number, ends: number): void {
    if (escape) digit(byte, at, ends)
    else if (slashAt >= 0) letter(byte, at, ends)
    else if (byte === backslash) {
      slashAt = at
      plainSlash = ends - at === 1
    } else {
      halfAt = -1
      afterEscape = false
      emit(byte, at, ends)
    }
  }
  return {
    push,
    pending: () => (slashAt >= 0 && halfAt >= 0 ? Math.min(slashAt, halfAt) : Math.max(slashAt, halfAt)),
    continueLine() {
      continued = slashAt >= 0 && plainSlash && !escape
    },
    end,
    reset,
  }
}
