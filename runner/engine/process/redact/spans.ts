/** A piece of a stream, as offsets from its beginning: from, and to without it. */
export type Span = [from: number, to: number]

/** Adds a span that ends at or after all others; it may reach back over some, and becomes one with them. */
export function addSpan(spans: Span[], from: number, to: number): void {
  let [start, end] = [from, to]
  for (let last = spans.at(-1); last && start < last[1]; last = spans.at(-1)) {
    start = Math.min(start, last[0])
    end = Math.max(end, last[1])
    spans.pop()
  }
  spans.push([start, end])
}

/** Several lists of spans as one, in order and apart. */
export function mergeSpans(lists: readonly Span[][]): Span[] {
  const filled = lists.filter((list) => list.length > 0)
  if (filled.length < 2) return filled[0] ?? []
  const merged: Span[] = []
  for (const [from, to] of filled.flat().toSorted((a, b) => a[0] - b[0] || a[1] - b[1])) {
    const last = merged.at(-1)
    if (last && from < last[1]) last[1] = Math.max(last[1], to)
    else merged.push([from, to])
  }
  return merged
}

/** Finds secrets in a stream of bytes. */
export interface Finder {
  /** Takes the next bytes; `offset` is that of the first of them in the stream. */
  push(bytes: Uint8Array, offset: number): void
  /** The offset before which nothing can be found any more, when `end` bytes were taken. */
  safe(end: number): number
  /** The stream has ended at this offset. */
  end(end: number): void
  /** The matches, in order and apart. The reader removes those it has handled. */
  spans: Span[]
}
