import { clearLine, cursorTo } from 'node:readline'
import type { Io } from './io.ts'
import { showWatched } from '../watched.ts'
import type { Watch } from '../watched.ts'

/** Work that ends sooner than this draws nothing, in milliseconds. */
const QUICK_MS = 500
/** The time between two drawings, in milliseconds. */
const REDRAW_MS = 100

/**
 * A `Watch` for work of many items. While they are taken one after the other, a terminal shows how many of them are
 * done and how long the rest will take. A machine of CI (`CI` is set) gets one line, a pipe and `--json` get nothing.
 * `what` names the items in the plural, such as `documents`.
 */
export function watchOn(io: Io, stream: NodeJS.WriteStream = process.stderr): Watch {
  return function* <T>(items: readonly T[], what: string): Iterable<T> {
    if (io.json || io.quiet || !stream.isTTY) {
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
      if (drawn > began + QUICK_MS - REDRAW_MS) draw(stream, '')
    }
  }
}

/** Shows the progress of what code below a command hands out with `watched`. */
export function showProgress(io: Io): void {
  showWatched(watchOn(io))
}

/** `412 of 800 documents, 4 s left`. The rest takes as long per item as the first did. @internal */
export function progressLine(done: number, total: number, what: string, elapsedMs: number): string {
  const count = `${done} of ${total} ${what}`
  if (done === 0) return count
  const left = Math.ceil((elapsedMs / done) * (total - done) * 0.001)
  return `${count}, ${left < 100 ? `${left} s` : `${Math.ceil(left / 60)} min`} left`
}

/** Shows a text in place of the line before it. */
function draw(stream: NodeJS.WriteStream, text: string): void {
  cursorTo(stream, 0)
  stream.write(text.slice(0, stream.columns - 1))
  clearLine(stream, 1)
}
