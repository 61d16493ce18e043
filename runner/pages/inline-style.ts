import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** The text of a style file, with the files that it imports in their places: a page that stands alone loads nothing. */
export function inlineStyle(file: string): string {
  return readFileSync(file, 'utf8').replaceAll(/^@import '(\.[^']+)';$/gmu, (_, path: string) =>
    inlineStyle(join(dirname(file), path)),
  )
}
