import { mkdirSync, readdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { isRecord } from '../../runner/model/values/json.ts'
import { stampOf } from './file-stamp.ts'

/** Files of the build before that are in the folder of a site, unaltered. Paths are relative, with forward slashes. */
export interface StandingFiles {
  /** Whether every file below a folder of that build, such as `pagefind/`, is there. False where there was none. */
  isWhole(folder: string): boolean
  /** Removes those files of the build before that this one does not have. */
  remove(isStale: (path: string) => boolean): void
  /** Ends the build: these files may stay until the next one. */
  leave(files: Iterable<string>): void
}

/**
 * Begins a build in the folder `out`: all that was there is removed, but for what the build before left there by its list in `file`. A file
 * that was altered since is removed too. Without its list, as after a build that failed or was interrupted, nothing stays.
 * A repository in the folder stays.
 */
export function standingFiles(out: string, file: string): StandingFiles {
  const before = readStamps(file)
  rmSync(file, { force: true })
  const standing = new Set<string>()
  const isStanding = (path: string): boolean => {
    const isSame = Object.hasOwn(before, path) && before[path] === stampOf(join(out, path))
    if (isSame) standing.add(path)
    return isSame
  }
  clear(out, '', isStanding)
  return {
    isWhole(folder) {
      const files = Object.keys(before).filter((path) => path.startsWith(folder))
      return files.length > 0 && files.every((path) => standing.has(path))
    },
    remove(isStale) {
      for (const path of standing) if (isStale(path)) removeFile(out, path)
    },
    leave(files) {
      const stamps = Object.fromEntries([...files].map((path) => [path, stampOf(join(out, path))]))
      mkdirSync(dirname(file), { recursive: true })
      writeFileSync(file, JSON.stringify(stamps))
    },
  }
}

/** Removes what does not stay, and folders that are empty then. Returns whether the folder itself is empty. */
function clear(out: string, folder: string, stays: (path: string) => boolean): boolean {
  let isEmpty = true
  for (const entry of entriesOf(join(out, folder))) {
    const path = folder + entry.name
    if (path === '.git') isEmpty = false
    else if (!entry.isDirectory()) {
      if (entry.isFile() && stays(path)) isEmpty = false
      else rmSync(join(out, path))
    } else if (clear(out, `${path}/`, stays)) rmdirSync(join(out, path))
    else isEmpty = false
  }
  return isEmpty
}

function entriesOf(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

/** Removes a file, and the folders that it leaves empty. */
function removeFile(out: string, path: string): void {
  rmSync(join(out, path), { force: true })
  for (let folder = dirname(path); folder !== '.'; folder = dirname(folder)) {
    if (entriesOf(join(out, folder)).length > 0) return
    rmdirSync(join(out, folder))
  }
}

function readStamps(file: string): Record<string, unknown> {
  try {
    const stamps: unknown = JSON.parse(readFileSync(file, 'utf8'))
    return isRecord(stamps) ? stamps : {}
  } catch {
    return {}
  }
}
