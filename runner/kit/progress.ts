import { clearLine, cursorTo } from 'node:readline'
import type { Io } from './io.ts'
import { showWatched } from '../watched.ts'
import type { Watch } from '../watched.ts'

/** Work that ends sooner than this draws nothing, in milliseconds. */
const QUICK_MS = 500
/** Before this nothing is said of the time that is left, in milliseconds: the first items wait for what all need. */
const ESTIMATE_MS = 2_000
/** The same for items that are done, or a third of all where they are few. */
const ESTIMATE_ITEMS = 5
/** The time between two drawings, in milliseconds. */
const REDRAW_MS = 100

/**
 * A `Watch` for work of many items. While they are taken one after the other, a terminal shows how many of them are
 * done and how long the rest will take. A machine of CI (`CI` is set) gets one line, a pipe and `--json` get nothing.
 * `what` names the items in the plural, such as `documents`; `stage` is shown again after them.
 */
export function watchOn(io: Io, stream: NodeJS.WriteStream = process.stderr, stage = ''): Watch {
  return function* <T>(items: readonly T[], what: string): Iterable<T> {
    if (!isDrawn(io, stream)) {
      if (!io.json && io.env['CI'] && items.length > 1) io.note(`${items.length} ${what}`)
      yield* items
      return
    }
    const began = performance.now()
    let drawn = began + QUICK_MS - REDRAW_MS
    let done = 0
    const show = (): void => {
      const now = performance.now()
      if (now - drawn < REDRAW_MS) return
      drawn = now
      draw(stream, progressLine(done, items.length, what, now - began))
    }
    // For one long item that waits for others, such as a program. Within work that does not wait no timer fires.
    const timer = setInterval(show, QUICK_MS).unref()
    try {
      for (const item of items) {
        show()
        yield item
        done++
      }
    } finally {
      clearInterval(timer)
      if (drawn > began + QUICK_MS - REDRAW_MS) draw(stream, stage)
    }
  }
}

/**
 * Shows the progress of code below a command that hands out its items with `watched`. While none are counted, a terminal shows
 * `stage`, until the returned function is called.
 */
export function showProgress(io: Io, stage = ''): () => void {
  showWatched(watchOn(io, process.stderr, stage))
  return showStage(io, stage)
}

/** Shows a stage of work that has no items: on a terminal until the returned function is called, on a machine of CI as a line. */
export function showStage(io: Io, stage: string, stream: NodeJS.WriteStream = process.stderr): () => void {
  if (stage === '') return () => undefined
  if (!isDrawn(io, stream)) {
    if (!io.json && io.env['CI']) io.note(stage)
    return () => undefined
  }
  draw(stream, stage)
  return () => draw(stream, '')
}

function isDrawn(io: Io, stream: NodeJS.WriteStream): boolean {
  return !io.json && !io.quiet && stream.isTTY
}

/** `412 of 800 documents, 4 s left`. The rest takes as long per item as the first did. @internal */
export function progressLine(done: number, total: number, what: string, elapsedMs: number): string {
  const count = `${done} of ${total} ${what}`
  if (done === 0 || elapsedMs < ESTIMATE_MS || done < Math.min(ESTIMATE_ITEMS, total / 3)) return count
  const left = Math.ceil((elapsedMs / done) * (total - done) * 0.001)
  return `${count}, ${left < 100 ? `${left} s` : `${Math.ceil(left / 60)} min`} left`
}

/** Shows a text in place of the line before it. */
function draw(stream: NodeJS.WriteStream, text: string): void {
  cursorTo(stream, 0)
  stream.write(text.slice(0, stream.columns - 1))
  clearLine(stream, 1)
}
