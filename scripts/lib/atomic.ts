import { open } from 'node:fs/promises'
import { dirname } from 'node:path'
import { replaceFile } from '../../runner/write-whole.ts'
import { makeFolder } from '../../runner/make-folder.ts'

/**
 * Writes a file whole or not at all, with its name on the disk. A link stays a link. Creates the folder when it is missing.
 * @param mode permissions of the file; default those of the file that is there, else 0666 less the umask
 */
export async function writeAtomically(
  path: string,
  content: string | Uint8Array,
  mode?: number,
): Promise<void> {
  const folder = dirname(path)
  makeFolder(folder, 0o777)
  replaceFile(path, content, mode)
  await syncFolder(folder)
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
