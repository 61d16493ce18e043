import { linkSync, mkdirSync, readdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { isRecord } from '../../runner/model/values/json.ts'
import { stampOf } from './file-stamp.ts'

/** Files that a build has from the site that it replaces. Paths are relative, with forward slashes. */
export interface StandingFiles {
  /** Whether every file below a folder of that site, such as `pagefind/`, is here. False where there was none. */
  isWhole(folder: string): boolean
  /** Takes a file away that will be written: both sites have the same one, and the other may stay. */
  release(path: string): void
  /** Takes away the files that this build does not have, and folders that are empty then. */
  remove(isStale: (path: string) => boolean): void
  /** Ends the build: the next one may have these files of it. */
  leave(files: Iterable<string>): void
}

/**
 * Begins a build in the empty folder `out`, which will replace `site`: it gets hard links to the files of `site` that the list in `file` names
 * and nobody altered since. Without `site` or the list, as after a build that failed, and where files cannot be linked, it stays empty.
 */
export function standingFiles(out: string, site: string | undefined, file: string): StandingFiles {
  const before = readStamps(file)
  rmSync(file, { force: true })
  const standing = new Set(site === undefined ? [] : linked(site, out, before))
  const release = (path: string): void => {
    if (standing.delete(path)) rmSync(join(out, path))
  }
  return {
    isWhole(folder) {
      const files = Object.keys(before).filter((path) => path.startsWith(folder))
      return files.length > 0 && files.every((path) => standing.has(path))
    },
    release,
    remove(isStale) {
      for (const path of standing) {
        if (!isStale(path)) continue
        release(path)
        removeEmpty(out, dirname(path))
      }
    },
    leave(files) {
      const stamps = Object.fromEntries([...files].map((path) => [path, stampOf(join(out, path))]))
      mkdirSync(dirname(file), { recursive: true })
      writeFileSync(file, JSON.stringify(stamps))
    },
  }
}

/** Links the files that are as their stamps say, and names them. */
function linked(site: string, out: string, stamps: Record<string, unknown>): string[] {
  return Object.entries(stamps).flatMap(([path, stamp]) => {
    const isSame = stamp === stampOf(join(site, path))
    return isSame && link(join(site, path), join(out, path)) ? [path] : []
  })
}

function link(from: string, to: string): boolean {
  try {
    mkdirSync(dirname(to), { recursive: true })
    linkSync(from, to)
    return true
  } catch {
    // Another file system, or one without links.
    return false
  }
}

/** Removes a folder of the site, and those above it, when nothing is left in them. */
function removeEmpty(out: string, folder: string): void {
  for (let one = folder; one !== '.' && readdirSync(join(out, one)).length === 0; one = dirname(one))
    rmdirSync(join(out, one))
}

function readStamps(file: string): Record<string, unknown> {
  try {
    const stamps: unknown = JSON.parse(readFileSync(file, 'utf8'))
    return isRecord(stamps) ? stamps : {}
  } catch {
    return {}
  }
}
