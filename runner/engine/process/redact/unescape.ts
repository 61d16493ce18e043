/** Takes a byte that was read out of others: the first of them stands at `start`, the last ends at `end`. */
type Emit = (byte: number, start: number, end: number) => void

const percent = 0x25
const backslash = 0x5c
const ampersand = 0x26
const [openBrace, closeBrace] = [0x7b, 0x7d]
const lastPoint = 0x10_ff_ff
/** Most digits between braces. */
const mostDigits = 6

/** Whether a byte begins an escape. */
export function isEscape(byte: number): boolean {
  return byte === percent || byte === backslash || byte === ampersand
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

/** The meanings of letters after a backslash. */
const controls: Record<string, number> = { b: 8, t: 9, n: 10, v: 11, f: 12, r: 13 }

/** The names that writers of HTML and XML give to characters. */
const entities: Record<string, number> = { amp: 38, lt: 60, gt: 62, quot: 34, apos: 39, nbsp: 160 }

/** Longest entity in bytes, without `&` and `;`: `#x10FFFF`. */
const longestEntity = 8

/** One way of writing characters, which is read byte by byte and handed on. */
interface Stage {
  push(byte: number, start: number, end: number): void
  /** Where the escape began that is being read; -1 when none is. */
  pending(): number
  /** The text has ended: what was begun stands for itself. */
  end(at: number): void
  reset(): void
}

export interface Unescaper {
  /** Takes the next byte, which stands at `at`. */
  push(byte: number, at: number): void
  /** Where the escape began that is being read; -1 when none is. */
  pending(): number
  /** Whether the line ended within that escape, which is more than letters that may be text. */
  isBroken(): boolean
  /** The text has ended: an escape that was begun stands for itself. */
  end(at: number): void
  reset(): void
}

/**
 * Resolves the escapes of URLs, JSON, shells and HTML, within one another too, and reads both alphabets of base64 as one.
 * A secret and what any writer makes of it are read as the same bytes, so no form of them has to be known. A line break
 * within an escape is left out: programs fold long lines at any character.
 */
export function unescaper(emit: Emit): Unescaper {
  const entity = entityStage((byte, start, end) => emit(oneAlphabet(byte), start, end))
  const slash = slashStage(entity.push)
  const percents = percentStage(slash.push)
  const stages: Stage[] = [percents, slash, entity]
  let broken = false
  function pending(): number {
    let first = -1
    for (const stage of stages) {
      const at = stage.pending()
      if (at >= 0 && (first < 0 || at < first)) first = at
    }
    return first
  }
  return {
    push(byte, at) {
      broken = pending() >= 0 && (isBreak(byte) || (broken && isIndent(byte)))
      if (broken) slash.continueLine()
      else percents.push(byte, at, at + 1)
    },
    pending,
    isBroken: () => broken && !entity.hasLetters(),
    end(at) {
      for (const stage of stages) stage.end(at)
    },
    reset() {
      broken = false
      for (const stage of stages) stage.reset()
    },
  }
}

/** `%2F`. Double escapes are resolved twice. */
function percentStage(emit: Emit): Stage {
  /** The percent sign that is open, and its first digit. */
  let percentAt = -1
  let digit = -1
  function reset(): void {
    percentAt = digit = -1
  }
  /** It was none: the sign and its digit stand for themselves. */
  function end(at: number): void {
    if (percentAt < 0) return
    const [start, first] = [percentAt, digit]
    reset()
    emit(percent, start, at)
    if (first >= 0) emit(first, start, at)
  }
  function push(byte: number, at: number, ends: number): void {
    if (percentAt < 0) {
      if (byte === percent) percentAt = at
      else emit(byte, at, ends)
      return
    }
    const value = hexOf(byte)
    if (value < 0) {
      end(at)
      push(byte, at, ends)
    } else if (digit < 0) digit = byte
    else {
      const [start, read] = [percentAt, hexOf(digit) * 16 + value]
      reset()
      if (read === percent) percentAt = start
      else emit(read, start, ends)
    }
  }
  return { push, pending: () => percentAt, end, reset }
}

/** The state after a backslash: digits after `\u`, `\u{`, `\x` or `\3`. */
interface Escape {
  base: 16 | 8
  /** Those so far, as bytes. */
  digits: number[]
  /** How many digits it has; 0 for those up to a brace. */
  wanted: number
}

/** `\u002f`, `\u{2f}`, `\x2f`, `\057`, `\n`, `\/`. */
function slashStage(emit: Emit): Stage & { continueLine(): void } {
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
    if (byte === 0x75) escape = { base: 16, digits: [], wanted: 4 }
    else if (byte === 0x78) escape = { base: 16, digits: [], wanted: 2 }
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
    const { base, digits, wanted } = escape as Escape
    if (byte === openBrace && wanted === 4 && digits.length === 0) {
      escape = { base, digits, wanted: 0 }
      return
    }
    const closed = byte === closeBrace && wanted === 0 && digits.length > 0
    const isDigit = !Number.isNaN(Number.parseInt(String.fromCharCode(byte), base))
    if (!closed && (!isDigit || digits.length === mostDigits)) {
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
    if (wanted === 4 || closed) character(Math.min(value, lastPoint), start, ends)
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
    if (read.base === 16) emit(read.wanted === 2 ? 0x78 : 0x75, start, at)
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

/** `&amp;`, `&#47;`, `&#x2F;`. Double escapes are resolved twice. */
function entityStage(emit: Emit): Stage & { hasLetters(): boolean } {
  let entityAt = -1
  let name: { byte: number; start: number; ends: number }[] = []
  function reset(): void {
    entityAt = -1
    name = []
  }
  /** It was none: the sign and its letters stand for themselves. */
  function end(): void {
    if (entityAt < 0) return
    const [start, letters] = [entityAt, name]
    reset()
    emit(ampersand, start, start + 1)
    for (const { byte, start: from, ends } of letters) emit(byte, from, ends)
  }
  function push(byte: number, at: number, ends: number): void {
    if (entityAt < 0) {
      if (byte === ampersand) entityAt = at
      else emit(byte, at, ends)
      return
    }
    const letter = String.fromCharCode(byte)
    if (name.length < longestEntity && /[#\dA-Za-z]/.test(letter)) {
      name.push({ byte, start: at, ends })
      return
    }
    const point =
      letter === ';' ? pointOf(name.map((one) => String.fromCharCode(one.byte)).join('')) : undefined
    const start = entityAt
    if (point === undefined) {
      end()
      push(byte, at, ends)
    } else {
      reset()
      if (point === ampersand) entityAt = start
      else emitPoint(point, start, ends, emit)
    }
  }
  return { push, pending: () => entityAt, hasLetters: () => name.length > 0, end, reset }
}

/** The character of an entity; undefined when it is none. */
function pointOf(name: string): number | undefined {
  const [, hex, decimal] = /^#(?:x([\da-f]+)|(\d+))$/i.exec(name) ?? []
  const point = hex ? Number.parseInt(hex, 16) : decimal ? Number(decimal) : entities[name.toLowerCase()]
  return point === undefined || point > lastPoint ? undefined : point
}

function emitPoint(point: number, start: number, end: number, emit: Emit): void {
  if (point < 0x80) emit(point, start, end)
  else for (const byte of Buffer.from(String.fromCodePoint(point))) emit(byte, start, end)
}

/** The value of a hexadecimal digit; -1 when it is none. */
function hexOf(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30
  const lower = byte | 0x20
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1
}

/** A whole text as it is read: resolved and without line breaks and what indents the next line. */
export function unescaped(bytes: Uint8Array): Buffer {
  const { read, add } = unwrapped()
  const reader = unescaper(add)
  for (const [at, byte] of bytes.entries()) reader.push(byte, at)
  reader.end(bytes.length)
  return Buffer.from(read)
}

/** The same with escapes as they are written: a writer that escapes their first character shows them as text. */
export function unresolved(bytes: Uint8Array): Buffer {
  const { read, add } = unwrapped()
  for (const byte of bytes) add(oneAlphabet(byte))
  return Buffer.from(read)
}

/** Collects bytes without line breaks and indentation. */
function unwrapped(): { read: number[]; add: (byte: number) => void } {
  const read: number[] = []
  let wrapped = false
  const add = (byte: number): void => {
    wrapped = isBreak(byte) || (wrapped && isIndent(byte))
    if (!wrapped) read.push(byte)
  }
  return { read, add }
}
