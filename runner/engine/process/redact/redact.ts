import { automatonOf } from './automaton.ts'
import { cellFinder } from './cell-finder.ts'
import { hexFinder } from './hex-finder.ts'
import { numberFinder } from './number-finder.ts'
import { plainFinder } from './plain-finder.ts'
import { secretForms } from './secret-forms.ts'
import type { SecretForms } from './secret-forms.ts'
import { mergeSpans } from './spans.ts'
import type { Finder } from './spans.ts'
import { textFinder } from './text-finder.ts'

/** The text that replaces a secret. */
const redactionMark = '[redacted]'

export interface Redactor {
  /**
   * Returns what is safe to write, perhaps in the memory of the chunk; keeps back only bytes that may be the beginning
   * of a secret.
   */
  push(chunk: Uint8Array): Buffer
  /** Returns what was kept back. */
  end(): Buffer
}

const mark = Buffer.from(redactionMark)
const nothing = new Uint8Array()

/**
 * Replaces secrets in a stream of bytes, however it is cut: each value as it is and in the forms programs print it.
 * Overlapping secrets are replaced as one. The output does not depend on how the stream was cut.
 */
export function redactor(secrets: readonly string[]): Redactor {
  const finders = findersFor(secrets)
  let kept: Uint8Array = nothing
  /** How many bytes came, and where in the stream those begin that are kept. */
  let taken = 0
  let from = 0

  /** Writes all before `safe`, where the next secret may begin, and keeps the rest. */
  function release(bytes: Uint8Array, safe: number): Buffer {
    const spans = mergeSpans(finders.map((finder) => finder.spans))
    if (spans.length === 0 && safe === taken) {
      kept = nothing
      from = safe
      return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
    }
    const piece = (start: number, end: number): Uint8Array => bytes.subarray(start - from, end - from)
    const parts: Uint8Array[] = []
    let upTo = from
    for (const [start, end] of spans) {
      if (end > safe) {
        // More of it may come: what is known of it is left out, and the mark is written with the rest.
        if (start < safe) {
          parts.push(piece(upTo, Math.max(upTo, start)))
          upTo = safe
        }
        break
      }
      parts.push(piece(upTo, start), mark)
      upTo = end
    }
    if (upTo < safe) parts.push(piece(upTo, safe))
    for (const finder of finders)
      finder.spans = finder.spans.flatMap(([start, end]) =>
        end > safe ? [[Math.max(start, safe), end]] : [],
      )
    // A copy, for whoever hands in a Buffer reads the next bytes into the same memory; its own `slice` copies nothing.
    kept = Uint8Array.from(bytes.subarray(safe - from))
    from = safe
    return Buffer.concat(parts)
  }
  return {
    push(chunk) {
      const bytes = kept.length === 0 ? chunk : Buffer.concat([kept, chunk])
      for (const finder of finders) finder.push(chunk, taken)
      taken += chunk.length
      return release(bytes, Math.min(...finders.map((finder) => finder.safe(taken))))
    },
    end() {
      for (const finder of finders) finder.end(taken)
      return release(kept, taken)
    },
  }
}

/** Redacts one whole text. */
export function redactText(text: string, secrets: readonly string[]): string {
  if (secrets.length === 0) return text
  const one = redactor(secrets)
  return Buffer.concat([one.push(Buffer.from(text)), one.end()]).toString('utf8')
}

/**
 * The beginning of a text, cut after its secrets are taken out: one that is cut in two would not be found. Of a text that
 * was cut before, an end that may be the beginning of a secret is left out.
 */
export function excerpt(text: string, most: number, secrets: readonly string[], wasCut = false): string {
  if (secrets.length === 0 || !wasCut) return redactText(text, secrets).slice(0, most)
  return redactor(secrets).push(Buffer.from(text)).toString('utf8').slice(0, most)
}

/** Redacts every text in a value at any depth; names of members are unchanged, except for outputs. */
export function redactValue<T>(value: T, secrets: readonly string[]): T {
  if (secrets.length === 0) return value
  return walk(value, (text) => redactText(text, secrets)) as T
}

function walk(value: unknown, redact: (text: string) => string): unknown {
  if (typeof value === 'string') return redact(value)
  if (Array.isArray(value)) return value.map((item) => walk(item, redact))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [
      name,
      name === 'outputs' && typeof member === 'object' && member !== null
        ? Object.fromEntries(
            Object.entries(member).map(([output, text]) => [redact(output), walk(text, redact)]),
          )
        : walk(member, redact),
    ]),
  )
}

let last: { key: string; makers: readonly (() => Finder)[] } | undefined

/** One finder for each way of reading; building their automata takes longest, and the same secrets come again and again. */
function findersFor(secrets: readonly string[]): Finder[] {
  const key = JSON.stringify(secrets)
  if (last?.key !== key) last = { key, makers: findersOf(secretForms(secrets)) }
  return last.makers.map((make) => make())
}

function findersOf(forms: SecretForms): (() => Finder)[] {
  const plain = automatonOf(forms.plain)
  if (forms.text.length === 0) return [plainFinder(plain)]
  return [
    plainFinder(plain),
    numberFinder(plain),
    cellFinder(plain),
    textFinder(automatonOf(forms.text)),
    hexFinder(automatonOf(forms.hex)),
  ]
}
