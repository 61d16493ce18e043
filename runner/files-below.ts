import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'

/**
 * Absolute paths of the files below a folder, in order. A link to a file counts as a file. A link to a folder is not entered: it may lead
 * around in circles, or out of the folder. Node's own recursion enters it.
 * @param isSkipped whether a folder of that name is left out
 * @throws where a folder may not be read
 */
export function filesBelow(folder: string, isSkipped: (name: string) => boolean = () => false): string[] {
  return [...walk(folder, isSkipped)].toSorted()
}

function* walk(folder: string, isSkipped: (name: string) => boolean): Generator<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory() && !isSkipped(entry.name)) yield* walk(path, isSkipped)
    else if (entry.isFile() || (entry.isSymbolicLink() && leadsToFile(path))) yield path
  }
}

function leadsToFile(link: string): boolean {
  try {
    return statSync(link).isFile()
  } catch {
    return false
  }
}
