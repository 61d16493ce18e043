import { cpSync, existsSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { ProblemError } from '../model/problem.ts'
import { earlierOf, partialOf } from '../partial-folder.ts'
import { exit } from './exit.ts'
import { whenInterrupted } from '../when-interrupted.ts'
import { makeFolder } from '../make-folder.ts'

const repository = '.git'

/**
 * Makes a folder anew beside its place, and puts it there when it is whole. So a failure or an interrupt leaves the folder that was
 * there as it was. `.git` stays: some publish the folder as a branch. `make` gets the path of an empty folder. `marks` are names that every
 * folder made so has. Throws ProblemError, exit code 2, for a folder with other files in it or the working directory, which would be lost.
 */
export async function replaceFolder(
  folder: string,
  marks: readonly string[],
  make: (partial: string) => Promise<void>,
): Promise<void> {
  const partial = partialOf(folder)
  const before = earlierOf(folder)
  const remove = (): void => rmSync(partial, { recursive: true, force: true, maxRetries: 3 })
  if (existsSync(before)) putBack(before, folder)
  refuseForeign(folder, marks)
  remove()
  makeFolder(partial, 0o777)
  const end = whenInterrupted(remove)
  try {
    await make(partial)
    put(partial, folder, before)
  } finally {
    end()
    remove()
  }
}

function refuseForeign(folder: string, marks: readonly string[]): void {
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => name !== repository) : []
  const isAround = relative(folder, process.cwd()).split(sep)[0] !== '..'
  const isMade = marks.length > 0 && marks.every((mark) => names.includes(mark))
  if (!isAround && (names.length === 0 || isMade)) return
  throw new ProblemError(
    {
      message: isAround
        ? `The folder \`${folder}\` contains the working directory, and would be replaced as a whole`
        : `The folder \`${folder}\` has files of something else, and would be replaced as a whole`,
      hint: 'Nothing was removed. Name another folder, or empty this one.',
    },
    exit.usage,
  )
}

/** The earlier folder keeps its repository until the new one is in its place: at no moment would a kill lose it. */
function put(partial: string, folder: string, before: string): void {
  rmSync(before, { recursive: true, force: true })
  makeFolder(dirname(folder), 0o777)
  try {
    if (existsSync(folder)) renameSync(folder, before)
    renameSync(partial, folder)
  } catch (error) {
    if (existsSync(before)) putBack(before, folder)
    // A folder that is mounted from elsewhere cannot be renamed; its content can be replaced.
    if (!['EBUSY', 'EXDEV'].includes(String((error as NodeJS.ErrnoException).code))) throw error
    for (const name of readdirSync(folder))
      if (name !== repository) rmSync(join(folder, name), { recursive: true, force: true })
    cpSync(partial, folder, { recursive: true })
    return
  }
  if (existsSync(before)) putBack(before, folder)
  rmSync(before, { recursive: true, force: true, maxRetries: 3 })
}

/** Puts the earlier folder back, or its repository alone where the new folder is in its place. */
function putBack(before: string, folder: string): void {
  if (!existsSync(folder)) return renameSync(before, folder)
  const [from, to] = [join(before, repository), join(folder, repository)]
  if (existsSync(from) && !existsSync(to)) renameSync(from, to)
}
