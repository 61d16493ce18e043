/** Takes a byte that was read out of others: the first of them stands at `start`, the last ends at `end`. */
export type Emit = (byte: number, start: number, end: number) => void

/** One way of writing characters, which is read byte by byte and handed on. */
export interface Stage {
  push(byte: number, start: number, end: number): void
  /** Where the escape began that is being read; -1 when none is. */
  pending(): number
  /** The text has ended: what was begun stands for itself. */
  end(at: number): void
  reset(): void
}

/** The signs that begin escapes. */
export const [percent, backslash, ampersand] = [0x25, 0x5c, 0x26]

/** The highest code point of a character. */
export const lastPoint = 0x10_ff_ff

/** Hands a character on as its bytes in UTF-8. */
export function emitPoint(point: number, start: number, end: number, emit: Emit): void {
  if (point < 0x80) emit(point, start, end)
  else for (const byte of Buffer.from(String.fromCodePoint(point))) emit(byte, start, end)
}
