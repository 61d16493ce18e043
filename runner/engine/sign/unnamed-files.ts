import type { Event } from '../../journal/record/event.ts'
import { isSafeName, namedFiles } from '../../journal/verify/evidence.ts'
import type { NamedFile } from '../../journal/verify/evidence.ts'
import { hashWithin, listWithin, sizeWithin } from '../../journal/record/folder.ts'
import { isOutput } from '../../journal/verify/read-evidence.ts'
import { files } from '../../journal/record/run-store.ts'
import type { JsonObject } from '../../model/values/json.ts'

/** Most files that one event names: a line of the journal holds them. Each takes a crash of its own. */
const mostFiles = 200

/**
 * Output that no event names, such as that of a check which a crash interrupted and which was then made again. The end of
 * a run binds it, so that nothing lies beside the journal unbound.
 */
export function unnamedFiles(folder: string, events: readonly Event[]): (NamedFile & JsonObject)[] {
  const named = new Set(namedFiles(events).map(({ file }) => file))
  return listWithin(folder, files.steps)
    .files.filter((file) => isOutput(file) && isSafeName(file) && !named.has(file))
    .map((file) => ({ file, bytes: sizeWithin(folder, file) ?? 0 }))
    .filter(({ bytes }) => bytes > 0)
    .slice(0, mostFiles)
    .map((output) => ({ ...output, sha256: hashWithin(folder, output.file) ?? '' }))
}
