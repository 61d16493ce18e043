import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { close, createIndex } from 'pagefind'
import { filesBelow } from './built-pages.ts'

/** Indexes the built pages for Pagefind. Its own interface is not used, and is taken out. */
export async function indexForSearch(out: string): Promise<void> {
  const folder = join(out, 'pagefind')
  rmSync(folder, { recursive: true, force: true })
  const { index, errors } = await createIndex({
    includeCharacters: '$_-',
    excludeSelectors: [
      '[data-pagefind-ignore]',
      '.contents',
      '.eyebrow',
      '.terminal',
      '.from',
      '.recent',
      '.alerts-here',
      '.about',
    ],
  })
  if (!index) throw new Error(`Pagefind: ${errors.join('; ')}`)
  // The pages that have text to find; every other one only leads to them.
  const added = await index.addDirectory({ path: out, glob: '{runbooks,runs,docs}/**/*.html' })
  const written = await index.writeFiles({ outputPath: folder })
  const problems = [...added.errors, ...written.errors]
  if (problems.length > 0) throw new Error(`Pagefind: ${problems.join('; ')}`)
  await close()
  const unused = /^pagefind-(ui|modular-ui|component-ui|highlight)|^wasm\.unknown/
  for (const file of filesBelow(folder)) if (unused.test(file)) rmSync(join(folder, file))
}
