import { lstatSync, mkdirSync, statSync, statfsSync } from 'node:fs'
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

/** File systems of Linux in which the kernel alone makes entries: proc and sysfs. */
const kernelFileSystems = new Set([0x9fa0, 0x62656572])

/**
 * Why a folder that is not there cannot be made by any account: a file in its place, a link that leads nowhere, or a file system
 * of the kernel. Undefined where it is there or may be made, and where this account may not look.
 */
export function whyNoFolder(folder: string): string | undefined {
  try {
    const stats = statSync(folder, { throwIfNoEntry: false })
    if (stats) return stats.isDirectory() ? onKernel(folder) : `\`${folder}\` is not a folder`
    if (lstatSync(folder, { throwIfNoEntry: false })) return `\`${folder}\` is a link that leads nowhere`
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ELOOP' || code === 'ENAMETOOLONG') return code
    if (code !== 'ENOTDIR') return undefined
  }
  const above = dirname(folder)
  return above === folder ? undefined : whyNoFolder(above)
}

function onKernel(folder: string): string | undefined {
  const isKernels = process.platform === 'linux' && kernelFileSystems.has(statfsSync(folder).type)
  return isKernels ? `\`${folder}\` is a file system of the kernel` : undefined
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
