import { secretForms } from './secret-forms.ts'

/** What stands in the place of a secret. */
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

/** All forms of all secrets as one automaton (Aho and Corasick): one step for each byte, however many there are. */
interface Automaton {
  /** Column of each byte; bytes in no secret share column 0. */
  column: Uint8Array
  /** Whether a byte begins a secret. */
  first: Uint8Array
  /** Next state by state and column. A state is the place of its row, so that a step is one addition. */
  next: Int32Array
  /** How many bytes before the current place may belong to a secret. */
  depth: Int32Array
  /** Length of the longest secret that ends in a state; 0 when none does. */
  longest: Int32Array
}

const mark = Buffer.from(redactionMark)
const nothing = new Uint8Array()

/**
 * Replaces secrets in a stream of bytes, however it is cut: each value as it is and in the forms programs print it.
 * Overlapping secrets are replaced as one. What comes out does not depend on how the stream was cut.
 */
export function redactor(secrets: readonly string[]): Redactor {
  const { column, first, next, depth, longest } = automatonFor(secrets)
  let state = 0
  let kept: Uint8Array = nothing
  /** Where in the bytes at hand secrets stand, in order and apart: from, to. */
  let found: [number, number][] = []

  /** Notes a secret; it may reach back over some that were found before. */
  function note(from: number, to: number): void {
    let start = from
    for (let last = found.at(-1); last && start < last[1]; last = found.at(-1)) {
      start = Math.min(start, last[0])
      found.pop()
    }
    found.push([start, to])
  }
  /** Writes all before `safe`, where the next secret may begin, and keeps the rest. */
  function release(bytes: Uint8Array, safe: number): Buffer {
    if (found.length === 0 && safe === bytes.length) {
      kept = nothing
      return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
    }
    const parts: Uint8Array[] = []
    let written = 0
    const whole = found.filter(([, to]) => to <= safe)
    for (const [from, to] of whole) {
      parts.push(bytes.subarray(written, from), mark)
      written = to
    }
    found = found.slice(whole.length)
    parts.push(bytes.subarray(written, Math.min(safe, found[0]?.[0] ?? safe)))
    found = found.map(([from, to]) => [Math.max(0, from - safe), to - safe])
    kept = bytes.slice(safe)
    return Buffer.concat(parts)
  }
  return {
    push(chunk) {
      const base = kept.length
      const bytes = base === 0 ? chunk : Buffer.concat([kept, chunk])
      const end = bytes.length
      let at = base
      let row = state
      while (at < end) {
        // Most bytes begin no secret.
        if (row === 0) while (at < end && first[bytes[at] as number] === 0) at++
        if (at === end) break
        row = next[row + (column[bytes[at++] as number] as number)] as number
        if (row !== 0 && longest[row] !== 0) note(at - (longest[row] as number), at)
      }
      state = row
      return release(bytes, bytes.length - (depth[state] as number))
    },
    end() {
      state = 0
      return release(kept, kept.length)
    },
  }
}

/** Redacts one whole text. */
export function redactText(text: string, secrets: readonly string[]): string {
  if (secrets.length === 0) return text
  const one = redactor(secrets)
  return Buffer.concat([one.push(Buffer.from(text)), one.end()]).toString('utf8')
}

/** The beginning of a text, cut after its secrets are taken out: one that is cut in two would not be found. */
export function excerpt(text: string, most: number, secrets: readonly string[]): string {
  return redactText(text, secrets).slice(0, most)
}

/** Redacts every text in a value, wherever it stands; names of members are left as they are, but for outputs. */
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

let last: { key: string; automaton: Automaton } | undefined

function automatonFor(secrets: readonly string[]): Automaton {
  const key = JSON.stringify(secrets)
  if (last?.key !== key) last = { key, automaton: build(secretForms(secrets)) }
  return last.automaton
}

function build(needles: readonly Buffer[]): Automaton {
  const column = new Uint8Array(256)
  let columns = 1
  for (const needle of needles)
    for (const byte of needle) if (column[byte] === 0 && columns < 256) column[byte] = columns++
  const cells = needles.reduce((sum, needle) => sum + needle.length, 1) * columns
  const [next, depth, longest] = [new Int32Array(cells), new Int32Array(cells), new Int32Array(cells)]
  let free = columns
  for (const needle of needles) {
    let row = 0
    for (const byte of needle) {
      const edge = row + (column[byte] as number)
      if (next[edge] === 0) {
        depth[free] = (depth[row] as number) + 1
        next[edge] = free
        free += columns
      }
      row = next[edge] as number
    }
    longest[row] = needle.length
  }
  linkSuffixes({ next, longest, columns })
  const first = Uint8Array.from(column, (edge) => (next[edge] === 0 ? 0 : 1))
  return { column, first, next, depth, longest }
}

/** Completes the trie breadth first: where a path ends, it goes on at the longest suffix that is also a beginning. */
function linkSuffixes(trie: { next: Int32Array; longest: Int32Array; columns: number }): void {
  const { next, longest, columns } = trie
  const suffix = new Int32Array(next.length)
  const queue = [...new Set(next.subarray(0, columns))].filter((row) => row !== 0)
  for (let head = 0; head < queue.length; head++) {
    const row = queue[head] as number
    const back = suffix[row] as number
    longest[row] = Math.max(longest[row] as number, longest[back] as number)
    for (let edge = 0; edge < columns; edge++) {
      const child = next[row + edge] as number
      if (child === 0) next[row + edge] = next[back + edge] as number
      else {
        suffix[child] = next[back + edge] as number
        queue.push(child)
      }
    }
  }
}
