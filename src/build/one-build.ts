import { join } from 'node:path'
import { takeExclusively } from '../../runner/journal/record/exclusive.ts'
import { makeFolder } from '../../runner/make-folder.ts'

/**
 * Takes the folder of what builds keep for this build, until the returned call or the end of the process. The list of one
 * build would name pages that another wrote. Throws while another build has the folder.
 */
export function buildAlone(folder: string): () => void {
  makeFolder(folder, 0o777)
  const end = takeExclusively(join(folder, 'build.lock'), 0)
  if (end === undefined)
    throw new Error(`Another build is at work, and keeps its pages in \`${folder}\`: wait until it has ended`)
  return end
}
