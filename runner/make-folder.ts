import { mkdirSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { ProblemError } from './model/problem.ts'

/** Codes of a path that cannot be a folder, whatever room the disk has. */
const refusals = new Set(['EACCES', 'EEXIST', 'ELOOP', 'ENAMETOOLONG', 'ENOENT', 'ENOTDIR', 'EPERM', 'EROFS'])

/**
 * Makes a folder and those above it, unless it is there. Node's recursive `mkdir` does not end where the system has no entry and
 * makes none, as below /proc.
 * @param mode permissions of each folder that is made, less the umask
 * @throws {ProblemError} naming the folder; exit 2
 */
export function makeFolder(folder: string, mode = 0o700): void {
  try {
    makeEach(folder, mode)
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code !== undefined && !refusals.has(code)) throw error
    throw new ProblemError(
      {
        message: `The folder \`${folder}\` cannot be made: ${code ?? message}`,
        hint: 'Name another folder, or correct the type and the permissions of those above it.',
      },
      2,
    )
  }
}

function makeEach(folder: string, mode: number): void {
  const stats = statSync(folder, { throwIfNoEntry: false })
  if (stats?.isDirectory()) return
  if (stats) throw new Error(`\`${folder}\` is not a folder`)
  const above = dirname(folder)
  if (above !== folder) makeEach(above, mode)
  try {
    mkdirSync(folder, { mode })
  } catch (error) {
    // Another process may have been first.
    if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) throw error
  }
}
