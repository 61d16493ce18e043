import { randomUUID } from 'node:crypto'
import {
  accessSync,
  chmodSync,
  constants,
  linkSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { rename, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { whenNotHeard } from './when-interrupted.ts'

/**
 * Files that are written whole or not at all: a reader, and the start after a crash, finds the old content or the new. A user's
 * file keeps its links and permissions; a file of ours follows no link.
 */

type Content = string | Uint8Array

/** A name that nothing has, beside the file. */
function draftOf(file: string): string {
  return join(dirname(file), `.${basename(file)}.${randomUUID()}.tmp`)
}

/**
 * Writes a user's file. A link stays a link, and a pipe is written to as it is. A signal that comes meanwhile ends the process
 * once the file is whole. Throws for a file that may not be written, although its folder may.
 * @param mode its permissions; default those of the file that is there, else 0666 less the umask
 */
export function replaceFile(path: string, content: Content, mode?: number): void {
  const before = statSync(path, { throwIfNoEntry: false })
  if (before && !before.isFile()) return writeFileSync(path, content)
  const target = before ? realpathSync(path) : path
  const draft = draftOf(target)
  if (before) accessSync(target, constants.W_OK)
  const permissions = mode ?? (before && before.mode & 0o777)
  const end = whenNotHeard(() => {})
  try {
    writeFileSync(draft, content, {
      flag: 'wx',
      flush: true,
      ...(permissions !== undefined && { mode: permissions }),
    })
    // The umask has taken bits away.
    if (permissions !== undefined) chmodSync(draft, permissions)
    renameSync(draft, target)
  } finally {
    rmSync(draft, { force: true })
    end()
  }
}

interface How {
  /** Default: 0600. */
  mode?: number
  /** Whether the content is on the disk before it is there under its name. Default: true. */
  flush?: boolean
}

function optionsOf({ mode = 0o600, flush = true }: How): { mode: number; flush: boolean; flag: 'wx' } {
  return { mode, flush, flag: 'wx' }
}

/** Writes a file of ours. A link or a pipe that lies at its name is replaced. */
export function writeWhole(file: string, content: Content, how: How = {}): void {
  const draft = draftOf(file)
  try {
    writeFileSync(draft, content, optionsOf(how))
    renameSync(draft, file)
  } catch (error) {
    rmSync(draft, { force: true })
    throw error
  }
}

/** As `writeWhole`, while the program goes on with other work. */
export async function writeWholeMeanwhile(file: string, content: Content, how: How = {}): Promise<void> {
  const draft = draftOf(file)
  try {
    await writeFile(draft, content, optionsOf(how))
    await rename(draft, file)
  } catch (error) {
    await rm(draft, { force: true })
    throw error
  }
}

/** Writes a file of ours unless one has its name. Of two who do at once one is first, and the other gets false. */
export function addWhole(file: string, content: Content, how: How = {}): boolean {
  const draft = draftOf(file)
  try {
    writeFileSync(draft, content, optionsOf(how))
    linkSync(draft, file)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  } finally {
    rmSync(draft, { force: true })
  }
}
