import type { Config } from '../../runner/config.ts'
import { listEntries, readEntry } from '../../runner/library.ts'
import type { LibraryEntry } from '../../runner/library.ts'
import { stampOf } from './file-stamp.ts'
import { remember } from '../data/remember.ts'
import type { RunbookReading } from '../../runner/model/read-runbook.ts'

type Library = Pick<Config, 'content' | 'kinds'>

const slot = Symbol.for('runbook.readings')
const shared = globalThis as { [slot]?: Promise<RunbookReading[]> }

/** Every document of the content folder, by the runner's own reader. */
function readAll({ content, kinds }: Library, root: string): Promise<RunbookReading[]> {
  return Promise.all(listEntries(content).map((entry) => readOnce(entry, root, kinds)))
}

interface Kept {
  /** Of the file as it was read. */
  stamp: string
  reading: Promise<RunbookReading>
}

const read = new Map<string, Kept>()

/** In `site dev` one document of thousands changes: the others are as they were. */
function readOnce(entry: LibraryEntry, root: string, kinds: Config['kinds']): Promise<RunbookReading> {
  const stamp = stampOf(entry.path)
  const before = read.get(entry.path)
  if (stamp !== undefined && before?.stamp === stamp) return before.reading
  const reading = readEntry(entry, root, kinds)
  if (stamp !== undefined) read.set(entry.path, { stamp, reading })
  return reading
}

/**
 * Reads every document for a build, and keeps what was read for its pages: the bundler gives those modules of their
 * own, which would parse it all once more.
 */
export function readForBuild(library: Library, root: string): Promise<RunbookReading[]> {
  return (shared[slot] = readAll(library, root))
}

let latest: (() => Promise<RunbookReading[]>) | undefined

/** The readings of the build. Without a build, as in development, they are read again after each change of a file. */
export function readings(library: Library, root: string): Promise<RunbookReading[]> {
  latest ??= remember(() => readAll(library, root))
  return shared[slot] ?? latest()
}
