import { createRequire } from 'node:module'
import { join } from 'node:path'

/** The package of the pages, of the same version as this one. */
export const pagesPackage = 'runbook-pages'

/**
 * The path of a file of a package that is installed in the workspace or beside this program; undefined without it.
 * @param file such as `runbook-pages/package.json`
 */
export function findInPackage(file: string, workspace: string): string | undefined {
  for (const from of [join(workspace, 'package.json'), import.meta.filename])
    try {
      return createRequire(from).resolve(file)
    } catch {
      // Not there; the next place may have it.
    }
  return undefined
}
