import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

const sea = process.getBuiltinModule('node:sea')

/** Whether this program is one file, with Node and everything it needs inside. */
export const isSingleFile = sea.isSea()

/** The first argument that makes the single file a shim, given to no other program. */
export const shimFlag = '--shim'

/** Folders of files that come with the program and are not code, and their places in the source. */
export const ownFolders = {
  recipe: 'runner/journal/recipe',
  schema: 'runner/team/schema',
  styles: 'runner/pages/styles',
  scripts: 'runner/pages/scripts',
  starter: '.',
  program: '.',
} as const

type OwnName = `${keyof typeof ownFolders}/${string}`

/** The text of a file that comes with the program, such as `recipe/verify.sh`. */
export function ownText(name: OwnName): string {
  return isSingleFile ? sea.getAsset(name, 'utf8') : readFileSync(pathOf(name), 'utf8')
}

/** The names of the files in a folder that comes with the program, sorted. */
export function ownNames(folder: keyof typeof ownFolders): string[] {
  if (!isSingleFile) return readdirSync(pathOf(folder)).toSorted()
  const keys = sea.getAssetKeys().filter((key) => key.startsWith(`${folder}/`))
  return keys.map((key) => key.slice(folder.length + 1)).toSorted()
}

/** As installed, the folders are beside the program, and this code is there or in a folder of it. */
function pathOf(name: string): string {
  const here = import.meta.dirname
  const [folder = '', ...rest] = name.split('/')
  const installed = [join(here, folder), join(here, '..', folder)].find((path) => existsSync(path))
  const isSource = import.meta.filename.endsWith('.ts')
  return isSource || installed === undefined
    ? join(here, '..', ownFolders[folder as keyof typeof ownFolders], ...rest)
    : join(installed, ...rest)
}
