import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { starterFiles } from '../../../runner/authoring/starter/starter-files.ts'
import { ownFolders } from '../../../runner/own-files.ts'
import { compareText } from '../../../runner/model/compare-text.ts'

/** The files that come with the program and are not code: absolute paths by their names, sorted. */
export function ownFiles(root: string): Record<string, string> {
  const { program: _, starter, ...folders } = ownFolders
  const own = Object.entries(folders).flatMap(([name, folder]) =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .map((path): [string, string] => [`${name}/${path.slice(join(root, folder).length + 1)}`, path]),
  )
  const begun = Object.values(starterFiles).map((path): [string, string] => [
    `starter/${path}`,
    join(root, starter, path),
  ])
  return Object.fromEntries([...own, ...begun].toSorted(([a], [b]) => compareText(a, b)))
}
