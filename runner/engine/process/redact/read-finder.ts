import type { Automaton } from './automaton.ts'
import { matcher } from './matcher.ts'
import { addSpan } from './spans.ts'
import type { Finder } from './spans.ts'

/** Takes a byte that was read out of others: the first of them stands at `start`, the last ends at `end`. */
export type Emit = (byte: number, start: number, end: number) => void

/** One way of writing bytes as text, which is read byte by byte. */
export interface Reader {
  push(byte: number, at: number): void
  /** Where the text began that is being read; -1 when none is. */
  pending(): number
  /** The text has ended. */
  end(at: number): void
}

export interface Sink {
  emit: Emit
  /** The following bytes do not go on with those before. */
  lose(): void
  /** Whether no string has begun. */
  isIdle(): boolean
  /** Where the last byte of `marks` stood before this one. */
  mark(): number
}

export interface Reading {
  make(sink: Sink): Reader
  /** Whether a byte can begin a text of it, other than one that begins a string as it is. */
  begins(byte: number): boolean
  /** The byte before each text, where it is always the same. */
  before?: number
  /** Bytes whose last place the reader asks for. */
  marks?: (byte: number) => boolean
}

/** Finds strings in a stream that is read in one way. */
export function readFinder(
  automaton: Automaton,
  { make, begins, before, marks = () => false }: Reading,
): Finder {
  const match = matcher(automaton)
  const first = Uint8Array.from({ length: 256 }, (_, byte) => (automaton.first[byte] || begins(byte) ? 1 : 0))
  const isBehind = (byte: number | undefined): boolean => before === undefined || byte === before
  const isMark = Uint8Array.from({ length: 256 }, (_, byte) => (marks(byte) ? 1 : 0))
  let mark = -1
  let last = before
  const reader = make({
    emit(byte, start, end) {
      const from = match.take(byte, start)
      if (from >= 0) addSpan(finder.spans, from, end)
    },
    lose: () => void (match.row = 0),
    isIdle: () => match.row === 0,
    mark: () => mark,
  })
  const finder: Finder = {
    spans: [],
    push(bytes, offset) {
      const end = bytes.length
      let at = 0
      while (at < end) {
        // Most bytes begin no secret.
        if (match.row === 0 && reader.pending() < 0) {
          const from = at
          while (at < end && (first[bytes[at] as number] === 0 || !isBehind(last))) {
            if (isMark[last ?? 0] === 1) mark = offset + at - 1
            last = bytes[at++] as number
          }
          if (at > from) reader.push(last as number, offset + at - 1)
          if (at === end) return
        }
        if (last !== undefined && isMark[last] === 1) mark = offset + at - 1
        last = bytes[at] as number
        reader.push(last, offset + at++)
      }
    },
    safe(end) {
      const pending = reader.pending()
      return Math.min(match.oldest(end), pending < 0 ? end : pending)
    },
    end(at) {
      reader.end(at)
      match.row = 0
    },
  }
  return finder
}
