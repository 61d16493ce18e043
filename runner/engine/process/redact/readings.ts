import type { Reading } from './read-finder.ts'

/** How many bytes in a row may stand between two numbers. */
const mostBetween = 64
/** Fewest digits of the offset at the beginning of a line of a dump. */
const shortestOffset = 6
/** How many bytes a cell of `od -c` takes. */
const cellWidth = 4

const [lineFeed, carriage, space, backslash, equals, underscore] = [0x0a, 0x0d, 0x20, 0x5c, 0x3d, 0x5f]
const letters = /[\s,;:.|()[\]{}\\nrt-]/

const isBetween = Uint8Array.from({ length: 256 }, (_, byte) =>
  letters.test(String.fromCharCode(byte)) ? 1 : 0,
)
const isDigit = (byte: number): boolean => byte >= 0x30 && byte <= 0x39

/** Bytes as numbers, however they are set apart: `104, 117`, `[104 117]`, and the lines of `od -tu1` or, in base 8, `od -b`. */
export const numbers = (base: 8 | 10): Reading => ({
  begins: isDigit,
  make({ emit, lose }) {
    let digits = 0
    let value = 0
    let start = -1
    let between = 0
    function endNumber(at: number): void {
      if (start < 0) return
      const isByte = value <= 0xff && (base === 8 ? digits === 3 : digits <= 3)
      if (isByte) emit(value, start, at)
      else if (digits < shortestOffset) lose()
      start = -1
      between = 0
    }
    return {
      push(byte, at) {
        if (isDigit(byte)) {
          if (start < 0) {
            start = at
            digits = value = 0
          }
          digits += 1
          value = Math.min(value * base + byte - 0x30, 0x1_00)
          if (base === 8 && byte > 0x37) value = 0x1_00
          return
        }
        endNumber(at)
        if (isBetween[byte] === 0 || ++between > mostBetween) lose()
      },
      pending: () => start,
      end: endNumber,
    }
  },
})

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

/** The cells of `od -c` and `hexdump -c`: each character right-aligned in four columns, or its octal number. */
export const cells: Reading = {
  begins: (byte) => byte === backslash || (byte >= 0x30 && byte <= 0x33),
  before: space,
  make({ emit, lose, isIdle }) {
    let spaces = 0
    let isLineStart = true
    let token = ''
    let start = -1
    function endToken(): void {
      if (start < 0) return
      const [text, from] = [token, start]
      token = ''
      start = -1
      const isOffset = isLineStart && spaces === 0 && text.length >= shortestOffset && /^[\da-f]+$/.test(text)
      const code =
        text.length === 1
          ? text.charCodeAt(0)
          : /^[0-3][0-7]{2}$/.test(text)
            ? Number.parseInt(text, 8)
            : escapes[text]
      const columns = spaces + text.length
      isLineStart = false
      spaces = 0
      if (isOffset) return
      if (code === undefined || (columns % cellWidth !== 0 && !isIdle())) {
        lose()
        return
      }
      for (let column = columns; column > cellWidth; column -= cellWidth)
        emit(space, from - column + text.length, from - column + text.length + cellWidth)
      emit(code, from, from + text.length)
    }
    return {
      push(byte, at) {
        if (byte === space) {
          endToken()
          spaces += 1
        } else if (byte === lineFeed || byte === carriage) {
          endToken()
          for (let column = spaces; column >= cellWidth; column -= cellWidth)
            emit(space, at - column, at - column + cellWidth)
          spaces = 0
          isLineStart = true
        } else {
          if (start < 0) start = at
          if (token.length < 2 * shortestOffset) token += String.fromCharCode(byte)
        }
      },
      // A longer word is not a cell.
      pending: () => (token.length < cellWidth ? start : -1),
      end: endToken,
    }
  },
}

/** Quoted-printable: `=C3=A9`, and lines that end in `=`. */
export const quotedPrintable: Reading = {
  begins: (byte) => byte === equals || byte === underscore,
  make({ emit }) {
    /** The bytes after an equals sign, with it. */
    let open: { byte: number; at: number }[] = []
    function release(): void {
      const held = open
      open = []
      for (const { byte, at } of held) emit(byte === underscore ? space : byte, at, at + 1)
    }
    return {
      push(byte, at) {
        const [sign, digit] = open
        if (sign === undefined) {
          if (byte === equals) open.push({ byte, at })
          else emit(byte === underscore ? space : byte, at, at + 1)
        } else if (digit === undefined || digit.byte === carriage) {
          if (byte === lineFeed) open = []
          else if ((digit === undefined && byte === carriage) || (digit === undefined && hexDigit(byte)))
            open.push({ byte, at })
          else {
            release()
            this.push(byte, at)
          }
        } else if (hexDigit(byte)) {
          open = []
          emit(Number.parseInt(String.fromCharCode(digit.byte, byte), 16), sign.at, at + 1)
        } else {
          release()
          this.push(byte, at)
        }
      },
      pending: () => open[0]?.at ?? -1,
      end: release,
    }
  },
}

function hexDigit(byte: number): boolean {
  return isDigit(byte) || /[a-f]/i.test(String.fromCharCode(byte))
}

/** How a text is read as quoted-printable where it has no escapes: `_` stands for a space there. */
export function asQuotedPrintable(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.map((byte) => (byte === underscore ? space : byte)))
}

/** Fewest characters of a line that a program has wrapped. */
const shortestWrapped = 40

const isBase64 = Uint8Array.from({ length: 256 }, (_, byte) =>
  /[\w+/=-]/.test(String.fromCharCode(byte)) ? 1 : 0,
)

/** base64 of both alphabets in one or several lines, also where a line break is written as `\\n`. */
export const wrappedBase64: Reading = {
  begins: () => false,
  marks: (byte) => isBase64[byte] === 0,
  make({ emit, lose, mark }) {
    /** How many characters of base64 stand before a backslash; -1 when the last byte was another. */
    let run = -1
    let isBroken = false
    return {
      push(byte, at) {
        const isEscaped = run >= 0 && (byte === 0x6e || byte === 0x72)
        if (isEscaped || byte === lineFeed || byte === carriage) {
          if (!isBroken && (isEscaped ? run : at - mark() - 1) < shortestWrapped) lose()
          isBroken = true
          run = -1
        } else if (byte === backslash) run = isBroken ? shortestWrapped : at - mark() - 1
        else {
          run = -1
          if (isBroken && (byte === space || byte === 0x09)) return
          isBroken = false
          emit(oneAlphabet(byte), at, at + 1)
        }
      },
      pending: () => -1,
      end: () => undefined,
    }
  },
}

/** How text in base64 is read. */
export function asWrappedBase64(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.map(oneAlphabet))
}

/** base64 has two alphabets, which are read as one. */
export function oneAlphabet(byte: number): number {
  return byte === 0x2d ? 0x2b : byte === underscore ? 0x2f : byte
}
