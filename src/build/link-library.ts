import { join } from 'node:path'
import type { Config } from '../../runner/config.ts'
import { linkLibrary } from '../../runner/links/link-targets.ts'
import type { LinkLibrary } from '../../runner/links/link-targets.ts'
import type { EntryReading } from '../../runner/library.ts'
import { readings } from './document-readings.ts'

type Folders = Pick<Config, 'root' | 'content' | 'kinds'> & {
  site?: string | undefined
  /** Folder of the guide that comes with the site. */
  guide?: string | undefined
}

const made = new WeakMap<Promise<EntryReading[]>, Promise<LinkLibrary>>()

/** The targets of links of the pages: made once in a build, and again after each change in development. */
export function siteLinks({ root, content, kinds, site, guide }: Folders): Promise<LinkLibrary> {
  const reading = readings({ content, kinds }, root)
  const existing = made.get(reading)
  if (existing) return existing
  const library = reading.then((read) => {
    const documents = read.map(({ document }) => ({ path: join(root, document.file), document }))
    return linkLibrary({ root, content, site, guide, documents })
  })
  made.set(reading, library)
  return library
}
