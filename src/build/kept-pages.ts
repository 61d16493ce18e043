import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { makeFolder } from '../../runner/make-folder.ts'

/** The list of kept pages, as Astro names it in its cache folder. */
const list = 'incremental-build.json'

/** The folder of kept pages in it. */
export const keptCopies = 'dist'

/**
 * Begins a build that may take pages from the one before, and returns what its end calls. Astro writes the pages before their
 * list. So when a build was interrupted, the list is of other pages than those that are there, and is removed: all are made again.
 */
export function beginKeeping(folder: string): () => void {
  const mark = join(folder, 'unfinished')
  makeFolder(folder, 0o777)
  if (existsSync(mark)) rmSync(join(folder, list), { force: true })
  writeFileSync(mark, '')
  return () => rmSync(mark, { force: true })
}
