import { divideWords } from './divide-words.ts'
import { respell } from './spelling.ts'

/** A pause of this many milliseconds ends what is typed. */
const typingMs = 120

/** The part of Pagefind that looks for words. */
export interface PageIndex<T> {
  search(query: string): Promise<{ results: unknown[] }>
  debouncedSearch(query: string, options: object, ms: number): Promise<{ results: T[] } | null>
}

interface Answer<T> {
  /** The best first. */
  results: T[]
  /** The query that these are the results of: as it was meant, or its first words. */
  used: string
}

type LookUp<T> = (
  list: object,
  query: string,
  filters: Readonly<Record<string, string[]>>,
) => Promise<Answer<T> | undefined>

/**
 * Looks queries up. While somebody types, only the last query of a list of results is looked for; undefined is the answer to one that
 * was overtaken, or is empty. All words must be on a page; where no page has them all, the first of them lead near what was meant.
 * @param titleWords the words of titles, for corrections of spelling
 */
export function makeLookUp<T>(
  index: Promise<PageIndex<T>>,
  titleWords: Promise<readonly string[]>,
): LookUp<T> {
  const asked = new WeakMap<object, string>()
  return async (list, query, filters) => {
    asked.set(list, query)
    if (query === '' && Object.keys(filters).length === 0) return undefined
    const pages = await index
    await new Promise((typed) => setTimeout(typed, typingMs))
    if (asked.get(list) !== query) return undefined
    const meant = await meantBy(query, pages, await titleWords)
    if (asked.get(list) !== query) return undefined
    const text = query === '' ? (null as never) : divideWords(meant).trim()
    let answer = await pages.debouncedSearch(text, { filters }, 0)
    let words = wordsIn(meant)
    let used = meant
    while (answer?.results.length === 0 && words !== '') {
      used = words
      answer = await pages.debouncedSearch(divideWords(words).trim(), { filters }, 0)
      words = words.replace(/\s*\S+$/, '')
    }
    return answer ? { results: answer.results, used } : undefined
  }
}

/** The query as it was probably meant. A word of some page stays; where no page has all of them, no word does. */
async function meantBy(
  query: string,
  pages: PageIndex<unknown>,
  titleWords: readonly string[],
): Promise<string> {
  const isOnPage = async (words: string): Promise<boolean> => (await pages.search(words)).results.length > 0
  let inAll: Promise<boolean> | undefined
  return respell(query, titleWords, async (word) => {
    inAll ??= isOnPage(divideWords(query).trim())
    return (await inAll) && isOnPage(`"${word}"`)
  })
}

/** Alert names and ids are found however they are typed: `kube-pod_crash`, `KubePodCrash` or in words. */
export function wordsIn(query: string): string {
  return query
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replaceAll(/[_./:-]+/g, ' ')
    .trim()
}
