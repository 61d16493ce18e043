import type { Config } from '../../runner/config.ts'
import { listEntries, readEntry } from '../../runner/library.ts'
import type { EntryReading, LibraryEntry } from '../../runner/library.ts'
import { stampOf } from './file-stamp.ts'
import { remember } from '../data/remember.ts'

type Library = Pick<Config, 'content' | 'kinds'>

const slot = Symbol.for('runbook.readings')
// The bundler gives pages modules of their own, which would parse it all once more; what they share is the process.
const shared = globalThis as { [slot]?: () => Promise<EntryReading[]> }

/** Every document of the content folder, by the runner's own reader. */
function readAll({ content, kinds }: Library, root: string): Promise<EntryReading[]> {
  return Promise.all(listEntries(content).map((entry) => readOnce(entry, root, kinds)))
}

interface Kept {
  /** Of the file as it was read. */
  stamp: string
  reading: Promise<EntryReading>
}

const read = new Map<string, Kept>()

/** In `site dev` one document of thousands changes: the others are as they were. */
function readOnce(entry: LibraryEntry, root: string, kinds: Config['kinds']): Promise<EntryReading> {
  const stamp = stampOf(entry.path)
  const before = read.get(entry.path)
  if (stamp !== undefined && before?.stamp === stamp) return before.reading
  const reading = readEntry(entry, root, kinds)
  if (stamp !== undefined) read.set(entry.path, { stamp, reading })
  return reading
}

/** The readings of all documents: read once, and in `site dev` again after each change of a file. */
export function readings(library: Library, root: string): Promise<EntryReading[]> {
  shared[slot] ??= remember(() => readAll(library, root))
  return shared[slot]()
}
