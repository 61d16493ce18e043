import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { files } from '../../journal/record/run-store.ts'
import { asText, isRecord } from '../../model/values/json.ts'
import type { JsonObject } from '../../model/values/json.ts'
import type { Actor } from '../../model/plan.ts'
import type { Run } from '../run.ts'
import { postAnswer, posted, readInbox } from './inbox.ts'

/** No topic of a question has these names: each of those has a slash. */
const topics = { once: 'stop', now: 'stop-now' } as const

/** Asks the runner of a run to stop as Ctrl-C does; `now` asks as the second one does. False when that was asked before. */
export function postStop(folder: string, by: Actor, reason: string, now: boolean): boolean {
  return postAnswer(folder, now ? topics.now : topics.once, { by, reason })
}

interface StopRequest extends JsonObject {
  by: Actor
  reason: string
}

export interface HeededStops {
  /** The request that was heeded. */
  asked(): StopRequest | undefined
  end(): void
}

/** Heeds requests to stop from elsewhere while the run is driven. */
export function heedStops({ folder, stop }: Pick<Run, 'folder' | 'stop'>): HeededStops {
  const ended = new AbortController()
  let asked: StopRequest | undefined
  for (const topic of stop ? Object.values(topics) : []) {
    const heed = async (): Promise<void> => {
      const request = await requestOf(folder, topic, ended.signal)
      if (!request) return
      asked ??= { by: request.by, reason: asText(request.reason) }
      stop?.(topic === topics.now)
    }
    void heed()
  }
  return { asked: () => asked, end: () => ended.abort() }
}

function requestOf(folder: string, topic: string, ended: AbortSignal): Promise<StopRequest | undefined> {
  return readInbox<StopRequest>({
    folder,
    topic,
    stop: ended,
    judge: ({ by }) => (isRecord(by) && asText(by['id']) !== '' ? undefined : 'it does not say who it is by'),
    onRefused: () => {},
  }).later
}

/** Removes the requests to an earlier stretch of the run, before anybody can ask this one. */
export function forgetStops(folder: string): void {
  for (const topic of Object.values(topics))
    rmSync(join(folder, files.inbox, `${topic}.json`), { force: true })
}

/** Whether the runner was asked to stop. */
export function isStopAsked(folder: string): boolean {
  return posted(folder, topics.once).length > 0
}
