import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { close, createIndex } from 'pagefind'
import { divideWords, hasJoinedWords } from '../client/divide-words.ts'
import { filesBelow } from './built-pages.ts'

/** Languages whose words are divided here, and which Pagefind knows no word stems of. */
const divided = /^(zh|ja|th|lo|km|my)\b/i

/**
 * Indexes the built pages, which are among `files`, for Pagefind, as one index whatever language a page says. Its own interface is not used,
 * and is taken out.
 */
export async function indexForSearch(out: string, files: readonly string[], lang: string): Promise<void> {
  const folder = join(out, 'pagefind')
  rmSync(folder, { recursive: true, force: true })
  const { index, errors } = await createIndex({
    // `$name`, `kube_pod`, `kubectl-x`, `C#`, `C++`.
    includeCharacters: '$_-#+',
    forceLanguage: divided.test(lang) ? 'en' : (lang.split('-')[0] ?? 'en'),
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
  const pages = files.filter((file) => /^(runbooks|runs|docs)\/.*\.html$/.test(file))
  const added = await Promise.all(
    pages.map((file) =>
      index.addHTMLFile({ sourcePath: file, content: inWords(readFileSync(join(out, file), 'utf8')) }),
    ),
  )
  const result = await index.writeFiles({ outputPath: folder })
  const problems = [...added.flatMap((one) => one.errors), ...result.errors]
  if (problems.length > 0) throw new Error(`Pagefind: ${problems.join('; ')}`)
  await close()
  const unused = /^pagefind-(ui|modular-ui|component-ui|highlight)/
  for (const file of filesBelow(folder)) if (unused.test(file)) rmSync(join(folder, file))
  // For a language without word stems it is what searches.
  if (filesBelow(folder).some((file) => /^wasm\.(?!unknown)/.test(file)))
    rmSync(join(folder, 'wasm.unknown.pagefind'), { force: true })
}

const tag = /(<(?:[^"'<>]|"[^"]*"|'[^']*')*>)/

/** The page with its words apart. Tags keep their addresses and names. */
function inWords(html: string): string {
  if (!hasJoinedWords(html)) return html
  return html
    .split(tag)
    .map((part, at) => (at % 2 === 1 ? part : divideWords(part)))
    .join('')
}
