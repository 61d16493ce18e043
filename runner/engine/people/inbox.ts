import { createHash } from 'node:crypto'
import { lstatSync, renameSync, watch } from 'node:fs'
import { join } from 'node:path'
import { listWithin, startWithin } from '../../journal/record/folder.ts'
import { files } from '../../journal/record/run-store.ts'
import { parseObject } from '../../model/values/json.ts'
import type { JsonObject } from '../../model/values/json.ts'
import { addWhole, writeWhole } from '../../write-whole.ts'
import { makeFolder } from '../../make-folder.ts'

/** Some file systems report no changes; a slow look keeps an answer from being missed. */
const lookMs = 500
/** Longest answer that is read; a longer one is not whole and so not JSON. */
const mostBytes = 1024 * 1024

function fileOf(folder: string, topic: string, writer?: string): string {
  const by = writer === undefined ? '' : `~${createHash('sha256').update(writer).digest('hex').slice(0, 16)}`
  return join(folder, files.inbox, `${encodeURIComponent(topic)}${by}.json`)
}

/** Leaves an answer where the run finds it, now or when it is resumed. False when one is there that was not read yet. */
export function postAnswer(folder: string, topic: string, answer: JsonObject): boolean {
  return place(fileOf(folder, topic), answer, false)
}

/**
 * Hands in an answer that another machine has carried here, under an id that is its own: many may wait for one question.
 * A request to stop has no id.
 */
export function handIn(folder: string, topic: string, id: string, answer: JsonObject): void {
  place(fileOf(folder, topic, /[/#]/.test(topic) ? id : undefined), answer, false)
}

function place(file: string, answer: JsonObject, replace: boolean): boolean {
  makeFolder(join(file, '..'))
  const text = JSON.stringify(answer)
  if (!replace) return addWhole(file, text, { flush: false })
  writeWhole(file, text, { flush: false })
  return true
}

export interface Posting {
  folder: string
  /** The topics of one step that wait, the first first: a decision is bound to one of them. */
  topics: readonly string[]
  /** Whether a decision that lies there is by the same person. */
  isOwn(answer: JsonObject): boolean
  /** Tells their files apart from those of others. */
  writer: string
  /** Replaces what the same person left there before. */
  replace: boolean
  make(topic: string): JsonObject
}

/**
 * Leaves a person's decision beside those of others: each is kept until it is read. It takes the first topic nobody has
 * decided yet. Undefined when one by the same person lies there and is not to be replaced.
 */
export function postDecision(posting: Posting): { topic: string; answer: JsonObject } | undefined {
  const { folder, topics, replace, make } = posting
  const own = topics
    .flatMap((topic) => posted(folder, topic).map((one) => ({ ...one, topic })))
    .find(({ answer }) => answer !== undefined && posting.isOwn(answer))
  if (own) {
    if (!replace) return undefined
    const answer = { ...make(own.topic), replaces: own.answer ?? {} }
    place(own.file, answer, true)
    return { topic: own.topic, answer }
  }
  for (const topic of topics) {
    const answer = make(topic)
    if (place(fileOf(folder, topic), answer, false)) return { topic, answer }
  }
  const topic = topics[0] ?? ''
  const answer = make(topic)
  return place(fileOf(folder, topic, posting.writer), answer, replace) ? { topic, answer } : undefined
}

interface Lying {
  file: string
  /** Undefined when it cannot be read. */
  answer: JsonObject | undefined
  /** When it came to lie there, in milliseconds since the epoch, by the clock of the disk: nobody writes that into it. */
  at: number
}

/** The answers to a topic that were not read yet: a no before a yes, then in the order they came. */
export function posted(folder: string, topic: string): Lying[] {
  const name = `${files.inbox}/${encodeURIComponent(topic)}`
  // Anybody with write access can put a link or a pipe there: neither is opened, nor is an answer.
  return listWithin(folder, files.inbox)
    .files.filter(
      (file) => file === `${name}.json` || (file.startsWith(`${name}~`) && file.endsWith('.json')),
    )
    .map((file) => ({
      file: join(folder, file),
      answer: parseObject(startWithin(folder, file, mostBytes)?.toString('utf8') ?? ''),
      at: Math.floor(lstatSync(join(folder, file)).ctimeMs),
    }))
    .toSorted((a, b) => Number(isNo(b)) - Number(isNo(a)) || a.at - b.at)
}

function isNo({ answer }: Lying): boolean {
  return answer?.['decision'] === 'rejected'
}

export interface Posted<T> {
  /** The answer that is there already. */
  now: T | undefined
  /** The answer to come; undefined when `stop` came first. */
  later: Promise<T | undefined>
}

export interface InboxReading<T> {
  folder: string
  topic: string
  stop: AbortSignal
  /** Why an answer does not count; undefined when it does. `at` is when it came, in milliseconds since the epoch. */
  judge(answer: T, at: number): string | undefined
  /** Told of each answer that was set aside, as `.refused`. */
  onRefused(answer: JsonObject, why: string): void
}

/** Looks for an answer from elsewhere. One that does not count is set aside, said, and waited past. */
export function readInbox<T extends JsonObject>(reading: InboxReading<T>): Posted<T & { received: number }> {
  const { folder, topic, stop } = reading
  const inbox = join(folder, files.inbox)
  makeFolder(inbox)
  const look = (): (T & { received: number }) | undefined => {
    let taken: (T & { received: number }) | undefined
    for (const { file, answer, at } of posted(folder, topic)) {
      const why = taken
        ? 'the question was answered before this was read'
        : answer
          ? reading.judge(answer as T, at)
          : 'it is not JSON'
      if (why === undefined) {
        taken = { ...(answer as T), received: at }
        continue
      }
      // Recorded first: after a crash between the two it is judged and recorded again.
      reading.onRefused(answer ?? {}, why)
      renameSync(file, `${file}.refused`)
    }
    return taken
  }
  const now = look()
  if (now !== undefined) return { now, later: Promise.resolve(now) }
  return { now, later: watchFor(inbox, look, stop) }
}

const looks = new Set<() => void>()
let timer: NodeJS.Timeout | undefined

/** Looks from time to time until the returned function is called; all who wait in this process share one timer. */
function lookOften(look: () => void): () => void {
  looks.add(look)
  timer ??= setInterval(() => {
    for (const one of looks) one()
  }, lookMs)
  return () => {
    looks.delete(look)
    if (looks.size > 0) return
    clearInterval(timer)
    timer = undefined
  }
}

function watchFor<T>(inbox: string, look: () => T | undefined, stop: AbortSignal): Promise<T | undefined> {
  // A signal that came before tells nobody again.
  if (stop.aborted) return Promise.resolve(undefined)
  return new Promise((resolve) => {
    const end = (value?: T): void => {
      watcher.close()
      forget()
      stop.removeEventListener('abort', onStop)
      resolve(value)
    }
    const settle = (): void => {
      const answer = look()
      if (answer !== undefined) end(answer)
    }
    const onStop = (): void => end()
    const watcher = watch(inbox, settle)
    const forget = lookOften(settle)
    stop.addEventListener('abort', onStop, { once: true })
  })
}
