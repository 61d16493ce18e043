import { readFileSync } from 'node:fs'
import { isSingleFile, ownText } from '../own-files.ts'

/** The version of this program, from its package. */
export const version = (
  JSON.parse(
    isSingleFile
      ? ownText('program/package.json')
      : readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
  ) as { version: string }
).version
