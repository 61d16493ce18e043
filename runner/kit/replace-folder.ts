import { cpSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { partialOf } from '../partial-folder.ts'
import { whenInterrupted } from '../when-interrupted.ts'

/**
 * Makes a folder anew beside its place, and puts it there when it is whole. So a failure or an interrupt leaves the folder that was
 * there as it was. `.git` stays: some publish the folder as a branch. `make` gets the path of an empty folder.
 */
export async function replaceFolder(folder: string, make: (partial: string) => Promise<void>): Promise<void> {
  const partial = partialOf(folder)
  const remove = (): void => rmSync(partial, { recursive: true, force: true, maxRetries: 3 })
  remove()
  mkdirSync(partial, { recursive: true })
  const end = whenInterrupted(remove)
  try {
    await make(partial)
    put(partial, folder)
  } finally {
    end()
    remove()
  }
}

function put(partial: string, folder: string): void {
  const git = join(folder, '.git')
  if (existsSync(git)) renameSync(git, join(partial, '.git'))
  const before = `${folder}.before`
  rmSync(before, { recursive: true, force: true })
  try {
    mkdirSync(dirname(folder), { recursive: true })
    if (existsSync(folder)) renameSync(folder, before)
    renameSync(partial, folder)
  } catch (error) {
    // A folder that is mounted from elsewhere cannot be renamed; its content can be replaced.
    if (!['EBUSY', 'EXDEV'].includes(String((error as NodeJS.ErrnoException).code))) throw error
    for (const name of readdirSync(folder)) rmSync(join(folder, name), { recursive: true, force: true })
    cpSync(partial, folder, { recursive: true })
  }
  rmSync(before, { recursive: true, force: true, maxRetries: 3 })
}
