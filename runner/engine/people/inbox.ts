import { randomUUID } from 'node:crypto'
import {
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  watch,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { files } from '../../journal/store.ts'
import type { JsonObject } from '../../model/values/json.ts'

/** Some file systems report no changes; a slow look keeps an answer from being missed. */
const lookMs = 500

function fileOf(folder: string, topic: string): string {
  return join(folder, files.inbox, `${encodeURIComponent(topic)}.json`)
}

/**
 * Leaves an answer where the run finds it, now or when it is resumed. Returns false when one is there already and is
 * not to be replaced; one that is replaced goes along, so that the run records it.
 */
export function postAnswer(folder: string, topic: string, answer: JsonObject, replace = false): boolean {
  const file = fileOf(folder, topic)
  mkdirSync(join(folder, files.inbox), { recursive: true, mode: 0o700 })
  const there = replace && existsSync(file) ? (parse(readFileSync(file, 'utf8')) ?? {}) : undefined
  const posted = there ? { ...answer, replaces: there } : answer
  const draft = `${file}.${randomUUID()}`
  writeFileSync(draft, JSON.stringify(posted), { mode: 0o600, flag: 'wx' })
  try {
    if (replace) renameSync(draft, file)
    // Of two who answer at once one is first, and the other is told.
    else linkSync(draft, file)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  } finally {
    rmSync(draft, { force: true })
  }
}

export interface Posted<T> {
  /** The answer that is there already. */
  now: T | undefined
  /** The answer to come; undefined when `stop` came first. */
  later: Promise<T | undefined>
}

/** Looks for an answer from elsewhere. One that is not acceptable is set aside as `.refused` and waited past. */
export function readInbox<T extends JsonObject>(
  folder: string,
  topic: string,
  stop: AbortSignal,
  acceptable: (answer: T) => boolean,
): Posted<T> {
  const inbox = join(folder, files.inbox)
  mkdirSync(inbox, { recursive: true, mode: 0o700 })
  const file = fileOf(folder, topic)
  const look = (): T | undefined => {
    if (!existsSync(file)) return undefined
    const answer = parse(readFileSync(file, 'utf8')) as T | undefined
    if (answer && acceptable(answer)) return answer
    renameSync(file, `${file}.refused`)
    return undefined
  }
  const now = look()
  if (now !== undefined) return { now, later: Promise.resolve(now) }
  return { now, later: watchFor(inbox, look, stop) }
}

function watchFor<T>(inbox: string, look: () => T | undefined, stop: AbortSignal): Promise<T | undefined> {
  return new Promise((resolve) => {
    const end = (value?: T): void => {
      watcher.close()
      clearInterval(timer)
      stop.removeEventListener('abort', onStop)
      resolve(value)
    }
    const settle = (): void => {
      const answer = look()
      if (answer !== undefined) end(answer)
    }
    const onStop = (): void => end()
    const watcher = watch(inbox, settle)
    const timer = setInterval(settle, lookMs)
    stop.addEventListener('abort', onStop, { once: true })
  })
}

function parse(text: string): JsonObject | undefined {
  try {
    return JSON.parse(text) as JsonObject
  } catch {
    return undefined
  }
}
