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

/** The texts of an installed program, by their names: an installer takes a millisecond for each file. */
export const textsFile = 'own-texts.json'

/** The text of a file that comes with the program, such as `recipe/verify.sh`. Throws where there is none of that name. */
export function ownText(name: OwnName): string {
  if (isSingleFile) return sea.getAsset(name, 'utf8')
  const installed = installedTexts()
  if (installed === undefined) return readFileSync(sourceOf(name), 'utf8')
  const text = installed[name]
  if (text === undefined) throw new Error(`The program comes without ${name}.`)
  return text
}

/** The names of the files in a folder that comes with the program, sorted. */
export function ownNames(folder: keyof typeof ownFolders): string[] {
  const installed = isSingleFile ? sea.getAssetKeys() : Object.keys(installedTexts() ?? {})
  if (!isSingleFile && installed.length === 0) return readdirSync(sourceOf(folder)).toSorted()
  const within = installed.filter((key) => key.startsWith(`${folder}/`))
  return within.map((key) => key.slice(folder.length + 1)).toSorted()
}

let texts: Record<string, string> | undefined

/** As installed, the file is beside the program, and this code is there or in a folder of it; undefined in the source. */
function installedTexts(): Record<string, string> | undefined {
  if (texts !== undefined) return texts
  const here = import.meta.dirname
  const file = [join(here, textsFile), join(here, '..', textsFile)].find((path) => existsSync(path))
  if (file !== undefined) texts = JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>
  return texts
}

function sourceOf(name: string): string {
  const [folder = '', ...rest] = name.split('/')
  return join(import.meta.dirname, '..', ownFolders[folder as keyof typeof ownFolders], ...rest)
}
