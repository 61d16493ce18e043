import { linkSync, readdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { isRecord } from '../../runner/model/values/json.ts'
import { digestOfBytes } from './digest.ts'
import { stampOf } from './file-stamp.ts'
import { makeFolder } from '../../runner/make-folder.ts'

/** Files that a build has from the site that it replaces. Paths are relative, with forward slashes. */
export interface StandingFiles {
  /** Whether every file below a folder of that site, such as `pagefind/`, is here. False where there was none. */
  isWhole(folder: string): boolean
  /** Takes a file away that will be written: both sites have the same one, and the other may stay. */
  release(path: string): void
  /** Takes away the files that this build does not have, and folders that are empty then. */
  remove(isStale: (path: string) => boolean): void
  /** Hex SHA-256 of a file that is complete. That of a file from the other site is kept. */
  digestOf(path: string): string
  /** Ends the build: the next one may have these files of it. */
  leave(files: Iterable<string>): void
}

/** A file that a build left to the next one. */
interface Left {
  stamp?: string
  /** Of `digestOf`. Undefined where it was not asked for. */
  digest?: string
}

/**
 * Begins a build in the empty folder `out`, which will replace `site`: it gets hard links to the files of `site` that the list in `file` names
 * and nobody altered since. Without `site` or the list, as after a build that failed, and where files cannot be linked, it stays empty.
 */
export function standingFiles(out: string, site: string | undefined, file: string): StandingFiles {
  const before = readLeft(file)
  rmSync(file, { force: true })
  const standing = new Set(site === undefined ? [] : linked(site, out, before))
  const digests = new Map<string, string | undefined>()
  for (const path of standing) digests.set(path, before[path]?.digest)
  const release = (path: string): void => {
    if (!standing.delete(path)) return
    digests.delete(path)
    rmSync(join(out, path))
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
    digestOf(path) {
      const digest = digests.get(path) ?? digestOfBytes(readFileSync(join(out, path)))
      digests.set(path, digest)
      return digest
    },
    leave(files) {
      const left = [...files].map((path) => [
        path,
        { stamp: stampOf(join(out, path)), digest: digests.get(path) },
      ])
      makeFolder(dirname(file), 0o777)
      writeFileSync(file, JSON.stringify(Object.fromEntries(left)))
    },
  }
}

/** Links the files that are as their stamps say, and names them. */
function linked(site: string, out: string, left: Record<string, Left>): string[] {
  const folders = new Set<string>()
  return Object.entries(left).flatMap(([path, { stamp }]) => {
    const isSame = stamp !== undefined && stamp === stampOf(join(site, path))
    return isSame && link(join(site, path), join(out, path), folders) ? [path] : []
  })
}

/** Links a file. `folders` has those that were made. */
function link(from: string, to: string, folders: Set<string>): boolean {
  const folder = dirname(to)
  try {
    if (!folders.has(folder)) makeFolder(folder, 0o777)
    folders.add(folder)
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

function readLeft(file: string): Record<string, Left> {
  try {
    const left: unknown = JSON.parse(readFileSync(file, 'utf8'))
    return isRecord(left) ? (left as Record<string, Left>) : {}
  } catch {
    return {}
  }
}
