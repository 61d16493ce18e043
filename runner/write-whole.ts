import { randomUUID } from 'node:crypto'
import {
  accessSync,
  chmodSync,
  closeSync,
  constants,
  copyFileSync,
  fsyncSync,
  linkSync,
  lstatSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { meanwhile } from './meanwhile.ts'
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

/** The failure, of the file that was to be written: its draft has a name that says nothing, and a full disk names none. */
function named(error: unknown, path: string): unknown {
  if (error instanceof Error && 'syscall' in error) Object.assign(error, { path })
  return error
}

/**
 * Writes a user's file. A link stays a link, and a pipe is written to as it is. A signal that comes meanwhile ends the process
 * once the file is whole. Throws for a file that may not be written, although its folder may.
 * @param mode its permissions; default those of the file that is there, else 0666 less the umask
 */
export function replaceFile(path: string, content: Content, mode?: number): void {
  const before = statSync(path, { throwIfNoEntry: false })
  if (before && !before.isFile()) return writeFileSync(path, content)
  replaceBy(path, mode, (draft, permissions) =>
    writeFileSync(draft, content, {
      flag: 'wx',
      flush: true,
      ...(permissions !== undefined && { mode: permissions }),
    }),
  )
}

/** As `replaceFile`, with the content of another file, of any size. */
export function replaceFileByCopy(path: string, from: string): void {
  replaceBy(path, undefined, (draft) => {
    copyFileSync(from, draft, constants.COPYFILE_EXCL)
    syncFile(draft)
  })
}

function replaceBy(
  path: string,
  mode: number | undefined,
  write: (draft: string, permissions: number | undefined) => void,
): void {
  const before = statSync(path, { throwIfNoEntry: false })
  const target = before ? realpathSync(path) : path
  const draft = draftOf(target)
  if (before) accessSync(target, constants.W_OK)
  const permissions = mode ?? (before && before.mode & 0o777)
  const end = whenNotHeard(() => {})
  try {
    write(draft, permissions)
    // The umask has taken bits away.
    if (permissions !== undefined) chmodSync(draft, permissions)
    renameSync(draft, target)
  } catch (error) {
    throw named(error, target)
  } finally {
    rmSync(draft, { force: true })
    end()
  }
}

function syncFile(file: string): void {
  const open = openSync(file, 'r+')
  try {
    fsyncSync(open)
  } finally {
    closeSync(open)
  }
}

/**
 * Writes a new file of a user, with the permissions that the umask leaves. Throws with the code EEXIST for a name that something has,
 * also a link that leads nowhere.
 */
export function writeNewFile(path: string, content: Content): void {
  const draft = draftOf(path)
  const end = whenNotHeard(() => {})
  try {
    writeFileSync(draft, content, { flag: 'wx', flush: true })
    giveName(draft, path)
  } catch (error) {
    throw named(error, path)
  } finally {
    rmSync(draft, { force: true })
    end()
  }
}

/** Gives a file a name that nothing has: by a link, for a rename would replace what is there. */
function giveName(draft: string, path: string): void {
  try {
    linkSync(draft, path)
  } catch (error) {
    // A disk without hard links, such as a USB stick or a share.
    const { code } = error as NodeJS.ErrnoException
    const isRefused = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'].includes(String(code))
    if (!isRefused || lstatSync(path, { throwIfNoEntry: false })) throw error
    renameSync(draft, path)
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
    throw named(error, file)
  }
}

/** As `writeWhole`, while the program goes on with other work. */
export async function writeWholeMeanwhile(file: string, content: Content, how: How = {}): Promise<void> {
  const draft = draftOf(file)
  try {
    await meanwhile.writeFile(draft, content, optionsOf(how))
    await meanwhile.rename(draft, file)
  } catch (error) {
    await meanwhile.rm(draft, { force: true })
    throw named(error, file)
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
    throw named(error, file)
  } finally {
    rmSync(draft, { force: true })
  }
}
