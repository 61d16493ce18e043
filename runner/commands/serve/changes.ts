import { watch } from 'node:fs'
import type { Context } from 'hono'
import { streamSSE } from 'hono/streaming'
import { runFolder } from '../../journal/record/run-store.ts'
import { always, plain } from '../../http/request-rules.ts'
import type { Room, Visit } from './room.ts'
import { routes } from './routes.ts'
import { idOf } from './run-changes.ts'

/** Streams at once, of one browser and of all. */
const mostOfOne = 4
const mostOfAll = 32
/** How long one lasts; a browser opens another by itself. Times in milliseconds. */
const longestMs = 600_000
/** How often rights are looked at again, which also keeps the connection from idling. */
const againMs = 15_000
/** At most one message in this time, however fast a step prints. */
const pauseMs = 150
/** Some file systems report no changes. */
const lookMs = 1000

export interface Streams {
  follow(visit: Visit): Promise<Response>
}

/**
 * Tells browsers by server-sent events that the page of a run has changed; they fetch it themselves.
 * @param now milliseconds since the epoch
 */
export function makeStreams(now: () => number = Date.now): Streams {
  const open = new Map<string, number>()
  return {
    async follow(visit) {
      const { room, context, session } = visit
      const name = context.req.param('run') ?? ''
      if ((await room.pages.versionAt(name, session)) === undefined)
        return plain(context, 404, 'There is no such page')
      const all = [...open.values()].reduce((sum, count) => sum + count, 0)
      const own = open.get(session.id) ?? 0
      if (own >= mostOfOne || all >= mostOfAll)
        return plain(context, 429, 'Too many pages follow runs at once')
      open.set(session.id, own + 1)
      let isOpen = true
      return streamChanges(visit, name, now, () => {
        if (!isOpen) return
        isOpen = false
        const left = (open.get(session.id) ?? 1) - 1
        if (left > 0) open.set(session.id, left)
        else open.delete(session.id)
      })
    },
  }
}

function streamChanges(
  { room, context, session }: Visit,
  run: string,
  now: () => number,
  onEnd: () => void,
): Response {
  for (const [name, value] of Object.entries(always)) context.header(name, value)
  return streamSSE(context, async (stream) => {
    // A run that is ordered has no folder until a runner takes it.
    let id = idOf(room.config.state, run)
    let changes = watchRun(room, id)
    const end = (): void => {
      changes.end()
      onEnd()
    }
    // At once, too: a message that the browser does not read any more may stay half written for ever.
    stream.onAbort(end)
    try {
      const until = now() + longestMs
      let version = ''
      for (let checked = now(); now() < until && !stream.aborted;) {
        if (id === undefined && (id = idOf(room.config.state, run)) !== undefined) {
          changes.end()
          changes = watchRun(room, id)
        }
        const current = (await room.pages.versionAt(run, session)) ?? ''
        if (current !== version) await stream.writeSSE({ data: JSON.stringify({ changed: version !== '' }) })
        version = current
        if (now() - checked > againMs) {
          if (!(await mayStillRead(room, context))) break
          checked = now()
          await stream.write(': still here\n\n')
        }
        await stream.sleep(pauseMs)
        await changes.next()
      }
    } finally {
      end()
    }
  })
}

async function mayStillRead({ guard }: Room, context: Context): Promise<boolean> {
  return !((await guard.admit(context, routes.changes)) instanceof Response)
}

interface Changes {
  /** Resolves when something has changed, or after a while. */
  next(): Promise<void>
  end(): void
}

function watchRun({ config }: Room, id: string | undefined): Changes {
  let wake: (() => void) | undefined
  let hasChanged = false
  const folder = id === undefined ? undefined : runFolder(config.state, id)
  const onChange = (): void => {
    hasChanged = true
    wake?.()
  }
  const watcher =
    folder === undefined
      ? undefined
      : watch(folder, { recursive: true }, onChange).on('error', () => undefined)
  return {
    next: () =>
      new Promise((resolve) => {
        const timer = setTimeout(done, lookMs)
        function done(): void {
          clearTimeout(timer)
          wake = undefined
          hasChanged = false
          resolve()
        }
        wake = done
        if (hasChanged) done()
      }),
    end() {
      watcher?.close()
      wake?.()
    },
  }
}
