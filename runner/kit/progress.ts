import { clearLine, cursorTo } from 'node:readline'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Io } from './io.ts'
import { showWatched } from '../watched.ts'
import { whenNotHeard } from '../when-interrupted.ts'
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
 * done and how long the rest will take. A machine of CI (`CI` is set) and a dumb terminal get one line, a pipe and `--json` get nothing.
 * `what` names the items in the plural, such as `documents`; `stage` is shown again after them.
 */
export function watchOn(io: Io, stream: NodeJS.WriteStream = process.stderr, stage = ''): Watch {
  return async function* <T>(items: readonly T[], what: string): AsyncGenerator<T, void> {
    if (!isDrawn(io, stream)) {
      if (isTold(io, stream) && items.length > 1) io.note(`${items.length} ${what}`)
      for (const item of items) {
        await nextTurn()
        yield item
      }
      await nextTurn()
      return
    }
    const end = whenNotHeard(() => draw(stream, ''))
    const began = performance.now()
    let drawn = began + QUICK_MS - REDRAW_MS
    let [done, doneAt] = [0, began]
    const show = (): void => {
      const now = performance.now()
      if (now - drawn < REDRAW_MS) return
      drawn = now
      draw(stream, progressLine(done, items.length, what, now - began, doneAt - began))
    }
    // For one long item that waits for others, such as a program. Within work that does not wait no timer fires.
    const timer = setInterval(show, QUICK_MS).unref()
    try {
      for (const item of items) {
        show()
        await nextTurn()
        yield item
        done++
        doneAt = performance.now()
      }
      await nextTurn()
    } finally {
      clearInterval(timer)
      end()
      if (drawn > began + QUICK_MS - REDRAW_MS) draw(stream, stage)
    }
  }
}

/** Shows the progress of code below a command, which hands out its items with `watched`. While none are counted, a terminal shows `stage`. */
export async function withProgress<T>(io: Io, stage: string, work: () => Promise<T>): Promise<T> {
  showWatched(watchOn(io, process.stderr, stage))
  const ended = showStage(io, stage)
  try {
    return await work()
  } finally {
    ended()
  }
}

/** Shows a stage of work that has no items: on a terminal until the returned function is called, on a machine of CI as a line. */
export function showStage(io: Io, stage: string, stream: NodeJS.WriteStream = process.stderr): () => void {
  if (!isDrawn(io, stream)) {
    if (isTold(io, stream)) io.note(stage)
    return () => undefined
  }
  const remove = (): void => draw(stream, '')
  const end = whenNotHeard(remove)
  draw(stream, stage)
  return () => {
    end()
    remove()
  }
}

function isDrawn(io: Io, stream: NodeJS.WriteStream): boolean {
  return !io.json && !io.quiet && stream.isTTY && !isDumb(io)
}

/** Whether each stage is a line. */
function isTold(io: Io, stream: NodeJS.WriteStream): boolean {
  return !io.json && (Boolean(io.env['CI']) || (stream.isTTY && isDumb(io)))
}

/** A terminal that shows the marks by which a line is drawn anew as text, such as that of an editor. */
function isDumb({ env }: Io): boolean {
  return env['TERM'] === 'dumb'
}

/**
 * `412 of 800 documents, 4 s left`. The rest takes as long per item as those that are done took, until `doneMs`. An item that takes longer
 * leaves the time unknown.
 * @internal
 */
export function progressLine(
  done: number,
  total: number,
  what: string,
  elapsedMs: number,
  doneMs = elapsedMs,
): string {
  const count = `${done} of ${total} ${what}`
  if (done === 0 || elapsedMs < ESTIMATE_MS || done < Math.min(ESTIMATE_ITEMS, total / 3)) return count
  const left = Math.ceil(((doneMs / done) * (total - done) - (elapsedMs - doneMs)) * 0.001)
  if (left <= 0) return count
  return `${count}, ${left < 100 ? `${left} s` : `${Math.ceil(left / 60)} min`} left`
}

/** Shows a text in place of the line before it. */
function draw(stream: NodeJS.WriteStream, text: string): void {
  cursorTo(stream, 0)
  stream.write(text.slice(0, stream.columns - 1))
  clearLine(stream, 1)
}
