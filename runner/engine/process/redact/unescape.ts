import { entityStage } from './escapes/entity.ts'
import { percentStage } from './escapes/percent.ts'
import { slashStage } from './escapes/slash.ts'
import { ampersand, backslash, percent } from './escapes/stage.ts'
import type { Emit, Stage } from './escapes/stage.ts'

/** base64 has two alphabets, which are read as one. */
export function oneAlphabet(byte: number): number {
  return byte === 0x2d ? 0x2b : byte === 0x5f ? 0x2f : byte
}

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

/** A whole text as it is read: resolved and without line breaks and what indents the next line. */
export function unescaped(bytes: Uint8Array): Buffer {
  const { read, add } = unwrapped()
  const reader = unescaper(add)
  let open = false
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] as number
    if (!open && !isEscape(byte)) add(oneAlphabet(byte))
    else {
      reader.push(byte, at)
      open = reader.pending() >= 0
    }
  }
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
