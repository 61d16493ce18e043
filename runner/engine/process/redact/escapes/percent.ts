import { backslash, percent } from './stage.ts'
import type { Emit, Stage } from './stage.ts'

const letterU = 0x75

/** `%2F`, and `%u002F`, which is read on as `\\u002F`. Double escapes are resolved twice. */
export function percentStage(emit: Emit): Stage {
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
    if (byte === letterU && digit < 0) {
      const start = percentAt
      reset()
      emit(backslash, start, at)
      emit(byte, at, ends)
    } else if (value < 0) {
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

/** The value of a hexadecimal digit; -1 when it is none. */
function hexOf(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30
  const lower = byte | 0x20
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1
}
