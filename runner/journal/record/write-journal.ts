import { hash } from 'node:crypto'
import {
  closeSync,
  constants,
  existsSync,
  fdatasyncSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readFileSync,
  writeFileSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { meanwhile } from '../../meanwhile.ts'
import type { JsonObject } from '../../model/values/json.ts'
import type { Actor } from '../../model/plan.ts'
import { ProblemError } from '../../model/problem.ts'
import { canonical } from './canonical.ts'
import { firstPrev, maxLineBytes } from './event.ts'
import type { Event, EventType } from './event.ts'
import { parseEvents } from './read-journal.ts'
import { writeAll } from './write-all.ts'

export interface Journal {
  readonly events: readonly Event[]
  /** Hash of the last line: what the next event will name as its `prev`. */
  head(): string
  /**
   * Writes one event. An event that allows an effect is on disk when it returns, with all before it; one that only tells
   * of the past is on disk before the next effect. After a failure every later call fails too.
   */
  append(type: EventType, key: string, data: JsonObject, actor: Actor): Event
  close(): void
}

/** Lost with the power, these are found out again: by a receipt, a check, or the same question. */
const tellsOfThePast: ReadonlySet<EventType> = new Set([
  'step-confirmed',
  'step-ended',
  'effect-checked',
  'step-finished',
  'undo-ended',
  'undo-finished',
])

export interface JournalOptions {
  run: string
  now?: () => Date
  /** Called with each event once it is written; `synced` when it is on the disk, with all before it. */
  onEvent?: (event: Event, line: string, synced: boolean) => void
}

/**
 * Opens a journal for appending, creating it (mode 0600) when it is not there. A last line without its newline is
 * the trace of a crash in mid-write: it is set aside as `<file>.torn-<seq>` and cut. Throws JournalError when
 * the file is broken anywhere else.
 */
export function openJournal(file: string, options: JournalOptions): Journal {
  const { O_RDWR, O_APPEND, O_CREAT, O_NOFOLLOW } = constants
  // A link would lead the writing out of the run's folder.
  const fd = openSync(file, O_RDWR | O_APPEND | O_CREAT | (O_NOFOLLOW ?? 0), 0o600)
  syncFolder(dirname(file))
  const { events, head } = recover(file, fd)
  let prev = head
  let broken: unknown
  return {
    events,
    head: () => prev,
    append(type, key, data, actor) {
      if (broken !== undefined) throw broken
      const ts = (options.now?.() ?? new Date()).toISOString()
      const event: Event = { v: 1, seq: events.length, ts, run: options.run, type, key, actor, data, prev }
      const line = `${canonical(event)}\n`
      const bytes = Buffer.from(line)
      const synced = !tellsOfThePast.has(type)
      if (bytes.length > maxLineBytes)
        throw new TypeError(`Journal event ${type} is ${bytes.length} bytes long, more than ${maxLineBytes}`)
      try {
        writeAll(fd, bytes)
        if (synced) fdatasyncSync(fd)
        if (fstatSync(fd).nlink === 0 && !existsSync(file)) throw removed(file)
      } catch (error) {
        broken = error
        throw error
      }
      prev = sha256(bytes)
      events.push(event)
      options.onEvent?.(event, line, synced)
      return event
    },
    close: () => closeSync(fd),
  }
}

/** A step may remove the state folder. The open file still takes events, and they are gone with it. */
function removed(file: string): ProblemError {
  return new ProblemError({
    message: `The journal \`${file}\` was removed while the run went on`,
    hint: 'The run cannot be resumed. Nothing further was run: check by hand the effects of the steps that ran, and keep steps out of the state folder.',
  })
}

function recover(file: string, fd: number): { events: Event[]; head: string } {
  const bytes = readFileSync(file)
  const whole = bytes.lastIndexOf(0x0a) + 1
  const events = parseEvents(bytes.subarray(0, whole), file)
  if (whole < bytes.length) {
    writeFileSync(`${file}.torn-${events.length}`, bytes.subarray(whole), { mode: 0o600 })
    ftruncateSync(fd, whole)
    fsyncSync(fd)
  }
  const lastStart = whole === 0 ? 0 : bytes.lastIndexOf(0x0a, whole - 2) + 1
  return { events, head: whole === 0 ? firstPrev : sha256(bytes.subarray(lastStart, whole)) }
}

/** Makes a file's name durable, not only its content. */
export function syncFolder(folder: string): void {
  const fd = openSync(folder, 'r')
  try {
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}

/** Makes the content of a file durable, or the names in a folder, while other things are done. */
export async function syncPath(path: string): Promise<void> {
  const fd = openSync(path, 'r')
  try {
    await meanwhile.fsync(fd)
  } finally {
    closeSync(fd)
  }
}

export function sha256(bytes: Uint8Array | string): string {
  return hash('sha256', bytes)
}
