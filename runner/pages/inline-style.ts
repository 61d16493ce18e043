import { posix } from 'node:path'
import { ownText } from '../own-files.ts'

/**
 * The text of a style file, with the files that it imports in their places: a page that stands alone loads nothing.
 * @param name path within the folder of styles
 */
export function inlineStyle(name: string): string {
  return ownText(`styles/${name}`).replaceAll(/^@import '(\.[^']+)';$/gmu, (_, path: string) =>
    inlineStyle(posix.join(posix.dirname(name), path)),
  )
}
