import { randomUUID } from 'node:crypto'
import { mkdir, open, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'

/**
 * Writes a file so that a reader, and whoever looks after a crash, finds the old content or the new, never a part.
 * Creates the folder when it is missing.
 * @param mode permissions of the file; default those of the file that is there, else 0644
 */
export async function writeAtomically(
  path: string,
  content: string | Uint8Array,
  mode?: number,
): Promise<void> {
  const folder = dirname(path)
  await mkdir(folder, { recursive: true })
  const temporary = join(folder, `.${basename(path)}.${randomUUID()}.tmp`)
  try {
    const before = await stat(path).catch(() => undefined)
    await writeSynced(temporary, content, mode ?? (before && before.mode & 0o777))
    await rename(temporary, path)
    await syncFolder(folder)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
}

/**
 * Writes a new file and waits until it is on the disk.
 * @param mode its permissions; default 0644, or fewer where the umask says so
 */
export async function writeSynced(path: string, content: string | Uint8Array, mode?: number): Promise<void> {
  const file = await open(path, 'wx', mode ?? 0o644)
  try {
    if (mode !== undefined) await file.chmod(mode)
    await file.writeFile(content)
    await file.sync()
  } finally {
    await file.close()
  }
}

/** Waits until the names in a folder are on the disk. Does nothing where a folder cannot be opened (Windows). */
export async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}
