import { isSafeName } from '../journal/verify/evidence.ts'
import { parseKey } from '../journal/record/event.ts'
import type { Event } from '../journal/record/event.ts'
import { endWithin, listWithin, sizeWithin, startWithin } from '../journal/record/folder.ts'
import { files } from '../journal/record/run-store.ts'
import type { Json, JsonObject } from '../model/values/json.ts'

export interface StepOutput {
  /** `stdout`, `stderr`, or what else the step calls it. */
  stream: string
  /** Path in the run's folder; empty while no event names it. */
  file: string
  text: string
  /** Bytes that were left out of the middle of a long output. */
  left: number
  missing: boolean
}

const maxBytes = 64 * 1024

interface Named {
  stream: string
  file: string
}

/** The output of a step, from the files of its attempts beside the journal. */
export function outputsOf(folder: string, step: string, events: readonly Event[]): StepOutput[] {
  return events
    .filter((event) => parseKey(event.key).step === step)
    .flatMap(({ data }) => filesIn(data))
    .filter(({ stream }) => stream !== 'recording')
    .flatMap((named) => readOutput(folder, named))
}

/** Recordings of a step's terminals, by their path in the run's folder. */
export function recordingsOf(step: string, events: readonly Event[]): string[] {
  return events
    .filter((event) => parseKey(event.key).step === step)
    .flatMap(({ data }) => filesIn(data))
    .filter(({ stream, file }) => stream === 'recording' && isSafeName(file))
    .map(({ file }) => file)
}

/** Output of a step that no event binds yet: it runs, or was interrupted. */
export function unboundOutputs(folder: string, step: string, events: readonly Event[]): StepOutput[] {
  const bound = new Set(events.flatMap(({ data }) => filesIn(data)).map(({ file }) => file))
  return listWithin(folder, files.steps)
    .files.filter((file) => file.startsWith(`${files.steps}/${step}.`) && /\.std(out|err)$/.test(file))
    .map((file) => ({ stream: file.slice(-6), file }))
    .filter(({ file }) => !bound.has(file))
    .flatMap((named) => readOutput(folder, named))
    .map((output) => ({ ...output, file: '' }))
}

function filesIn(data: JsonObject): Named[] {
  const listed = (at(at(at(data, 'data'), 'process'), 'files') ??
    at(at(data, 'process'), 'files') ??
    []) as JsonObject[]
  if (!Array.isArray(listed)) return []
  return listed.flatMap(({ stream, file }) =>
    typeof file === 'string' && typeof stream === 'string' ? [{ stream, file }] : [],
  )
}

function at(value: Json | undefined, key: string): Json | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value[key] : undefined
}

function readOutput(folder: string, { stream, file }: Named): StepOutput[] {
  // A journal is data: a path in it must not lead out of its run.
  if (!isSafeName(file)) return []
  const read = headAndTail(folder, file)
  if (!read) return [{ stream, file, text: `(the file ${file} is missing)`, left: 0, missing: true }]
  return read.text.trim() === '' ? [] : [{ stream, file, ...read, missing: false }]
}

/** The line in the place of what was left out. */
export function cutMark(left: number): string {
  return `… ${left} bytes left out …`
}

function headAndTail(folder: string, file: string): { text: string; left: number } | undefined {
  const size = sizeWithin(folder, file)
  if (size === undefined) return undefined
  const start = (most: number): string => startWithin(folder, file, most)?.toString('utf8') ?? ''
  if (size <= maxBytes) return { text: start(maxBytes), left: 0 }
  const [half, left] = [maxBytes / 2, size - maxBytes]
  const end = endWithin(folder, file, half)?.toString('utf8') ?? ''
  return { text: `${start(half)}\n${cutMark(left)}\n${end}`, left }
}
