import { hash } from 'node:crypto'
import { basename, dirname } from 'node:path'
import { firstPrev } from './event.ts'
import type { Event } from './event.ts'
import { readWithin } from './folder.ts'
import { JournalError } from './journal-error.ts'

/**
 * Parses the lines of a journal and checks sequence and chain over the raw bytes. Throws JournalError naming file
 * and line at the first break.
 */
export function parseEvents(bytes: Buffer, file: string): Event[] {
  const events: Event[] = []
  let prev = firstPrev
  for (let start = 0; start < bytes.length;) {
    const end = bytes.indexOf(0x0a, start)
    const at = `${file}:${events.length + 1}`
    if (end === -1)
      throw new JournalError(`${at}: The last line has no newline: the journal was cut in mid-line`)
    const line = bytes.subarray(start, end + 1)
    const event = parseLine(line, at)
    if (event.seq !== events.length)
      throw new JournalError(`${at}: Unexpected seq ${event.seq}, expected ${events.length}`)
    if (event.prev !== prev)
      throw new JournalError(
        `${at}: The line before was changed, moved or removed: \`prev\` does not match it`,
      )
    events.push(event)
    prev = hash('sha256', line)
    start = end + 1
  }
  return events
}

function parseLine(line: Buffer, at: string): Event {
  let value: unknown
  try {
    value = JSON.parse(line.toString('utf8'))
  } catch {
    throw new JournalError(`${at}: The line is not JSON`)
  }
  const event = value as Event
  if (typeof value !== 'object' || value === null || event.v !== 1) {
    throw new JournalError(
      `${at}: Unexpected format version ${String((value as Event | null)?.v)}, expected 1`,
    )
  }
  return event
}

/** Reads a journal that may still be growing: a torn last line is left out. */
export function readJournal(file: string): Event[] {
  const bytes = bytesOf(file)
  return parseEvents(bytes.subarray(0, bytes.lastIndexOf(0x0a) + 1), file)
}

/** Hash of the last of the lines that were read, whatever has been added to the file since. */
export function lineHash(file: string, size: number): string {
  const bytes = bytesOf(file)
  let start = 0
  let end = 0
  for (let line = 0; line < size; line++) {
    start = end
    end = bytes.indexOf(0x0a, start) + 1
  }
  return hash('sha256', bytes.subarray(start, end))
}

function bytesOf(file: string): Buffer {
  const bytes = readWithin(dirname(file), basename(file))
  if (bytes) return bytes
  throw new JournalError(`${file}: The journal is missing, or is a link`)
}
