import { createRequire } from 'node:module'
import type * as Pty from '@lydell/node-pty'
import { isSingleFile } from '../../../own-files.ts'

/** The optional package that makes terminals. It comes built; where there is none for a system, it is not installed. */
export const ptyPackage = '@lydell/node-pty'

/** Throws when the package is not there, or not for this system. */
export function loadPty(): typeof Pty {
  // The single file has the package in itself; elsewhere it is looked for beside this program.
  return (
    isSingleFile ? require('@lydell/node-pty') : createRequire(import.meta.url)(ptyPackage)
  ) as typeof Pty
}

/** Why there are no terminals to be had; undefined when there are. */
export function ptyProblem(): string | undefined {
  try {
    loadPty()
    return undefined
  } catch {
    return `the package ${ptyPackage} is not installed for ${process.platform}-${process.arch}`
  }
}
