import { closeSync, openSync, readSync, statSync } from 'node:fs'
import { join, resolve, sep } from 'node:path'
import type { Event } from '../../runner/journal/event.ts'
import { parseKey } from '../../runner/journal/event.ts'
import { runFolder } from '../../runner/journal/store.ts'
import type { Json, JsonObject } from '../../runner/model/json.ts'
import { siteConfig } from './library.ts'

export interface Output {
  stream: string
  text: string
  /** Bytes that were left out of the middle of a long output. */
  left: number
}

const maxBytes = 64 * 1024

/** What a step printed, from the files its attempts left beside the journal. A recording shows the same with times. */
export async function outputsOf(run: string, step: string, events: readonly Event[]): Promise<Output[]> {
  const { state } = await siteConfig()
  const folder = runFolder(state, run)
  return events
    .filter((event) => parseKey(event.key).step === step)
    .flatMap(({ data }) => filesIn(data))
    .filter(({ stream }) => stream !== 'recording')
    .flatMap(({ stream, file }) => readOutput(folder, stream, file))
}

function filesIn(data: JsonObject): { stream: string; file: string }[] {
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

function readOutput(folder: string, stream: string, file: string): Output[] {
  const path = resolve(folder, file)
  // A journal is data: a path in it must not lead out of its run.
  if (!path.startsWith(folder + sep)) return []
  try {
    return [{ stream, ...headAndTail(path) }].filter(({ text }) => text.trim() !== '')
  } catch {
    return [{ stream, text: `(the file ${join(file)} is missing)`, left: 0 }]
  }
}

function headAndTail(path: string): { text: string; left: number } {
  const { size } = statSync(path)
  const fd = openSync(path, 'r')
  try {
    const read = (from: number, length: number): string => {
      const bytes = Buffer.alloc(length)
      return bytes.subarray(0, readSync(fd, bytes, 0, length, from)).toString('utf8')
    }
    if (size <= maxBytes) return { text: read(0, size), left: 0 }
    const half = maxBytes / 2
    return {
      text: `${read(0, half)}\n… ${size - maxBytes} bytes left out …\n${read(size - half, half)}`,
      left: size - maxBytes,
    }
  } finally {
    closeSync(fd)
  }
}
