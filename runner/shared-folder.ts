import { lstatSync, statSync } from 'node:fs'
import { join, normalize } from 'node:path'
import { ProblemError } from './model/problem.ts'

/**
 * Refuses what another account put into a folder that every account can write to, such as /tmp: the configuration is code, and
 * the others decide what runs, who counts and who may answer. A folder of the team, which others cannot write to, is as its owner made it.
 * @param names relative to the folder; of a path the first part counts. One that does not exist is fine.
 * @throws {ProblemError} with exit code 2
 */
export function refuseOfOthers(folder: string, names: readonly string[]): void {
  const me = process.getuid?.()
  if (me === undefined || ((statSync(folder, { throwIfNoEntry: false })?.mode ?? 0) & 0o002) === 0) return
  for (const name of names) {
    const path = join(folder, normalize(name).split('/')[0] ?? '')
    const owner = lstatSync(path, { throwIfNoEntry: false })?.uid
    if (owner === undefined || owner === me || owner === 0) continue
    throw new ProblemError(
      {
        message: `\`${path}\` belongs to another account, in a folder that every account can write to`,
        hint: 'Work in a folder of your own. A workspace of several accounts is a folder that others cannot write to.',
      },
      2,
    )
  }
}
