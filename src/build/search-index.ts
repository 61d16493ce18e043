import { createHash } from 'node:crypto'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { close, createIndex } from 'pagefind'
import { divideWords, hasJoinedWords } from '../client/divide-words.ts'
import { contentOf, filesBelow } from './built-pages.ts'

/** Languages whose words are divided here, and which Pagefind knows no word stems of. */
const divided = /^(zh|ja|th|lo|km|my)\b/i

/** The index that the build before left in the folder of the site. */
interface Standing {
  /** Whether all of its files are there, as the build before wrote them. */
  isWhole: boolean
  /** Takes them out of the folder of the site, with what is known of them. */
  remove(): void
  /** Where the digest of its text is. */
  file: string
  /** Of `codeVersion`. */
  code: string
}

/**
 * Indexes pages, by their file, for Pagefind, as one index whatever language a page says. An index of the same text stays. Pagefind's own
 * interface is not used, and is taken out.
 */
export async function indexForSearch(
  out: string,
  pages: ReadonlyMap<string, string>,
  lang: string,
  standing: Standing,
): Promise<void> {
  const texts = [...pages]
    // The pages that have text to find; every other one only leads to them.
    .filter(([file]) => /^(runbooks|runs|docs)\//.test(file))
    .map(([file, html]) => [file, contentOf(html) ?? ''] as const)
  const digest = digestOfTexts([standing.code, lang, ...texts.flat()])
  const isSame = existsSync(standing.file) && readFileSync(standing.file, 'utf8') === digest
  if (isSame && standing.isWhole) return
  rmSync(standing.file, { force: true })
  standing.remove()
  await writeIndex(join(out, 'pagefind'), texts, lang)
  writeFileSync(standing.file, digest)
}

function digestOfTexts(texts: readonly string[]): string {
  const hash = createHash('sha256')
  for (const text of texts) hash.update(`${text.length} `).update(text)
  return hash.digest('hex')
}

async function writeIndex(
  folder: string,
  texts: readonly (readonly [file: string, content: string])[],
  lang: string,
): Promise<void> {
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
  const adding: ReturnType<typeof index.addHTMLFile>[] = []
  for (const [sourcePath, content] of texts) {
    // An interrupt ends Pagefind too, and is heard before that is a failure.
    if (adding.length % 50 === 0) await setImmediate()
    const one = index.addHTMLFile({ sourcePath, content: `<html><body>${inWords(content)}</body></html>` })
    // A failure is met where all are awaited.
    one.catch(() => {})
    adding.push(one)
  }
  const added = await Promise.all(adding)
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

/** The content with its words apart. Tags keep their addresses and names. */
function inWords(html: string): string {
  if (!hasJoinedWords(html)) return html
  return html
    .split(tag)
    .map((part, at) => (at % 2 === 1 ? part : divideWords(part)))
    .join('')
}
