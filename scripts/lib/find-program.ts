import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

/** The folders of PATH, in its order. */
export function foldersOfPath(
  { PATH = '' }: Readonly<Record<string, string | undefined>> = process.env,
): string[] {
  return PATH.split(delimiter).filter((folder) => folder !== '')
}

/** The path of the first program with one of these names, folder after folder. */
export function findProgram(names: readonly string[], folders: readonly string[]): string | undefined {
  return folders.flatMap((folder) => names.map((name) => join(folder, name))).find(isExecutable)
}

/** Whether a file may be run. */
export function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
