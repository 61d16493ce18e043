import { suggest } from '../../runner/model/suggest.ts'

/**
 * A query with each word that is on no page replaced by the nearest of `words`, the words of the titles. A word that begins one of them
 * is being typed, and stays.
 */
export async function respell(
  query: string,
  words: readonly string[],
  isOnPage: (word: string) => Promise<boolean>,
): Promise<string> {
  const spelt = query.split(/(\s+)/).map(async (word) => {
    const typed = word.toLowerCase()
    if (typed.length < 4 || words.some((title) => title.startsWith(typed))) return word
    const near = suggest(typed, words)
    return near === undefined || (await isOnPage(typed)) ? word : near
  })
  return (await Promise.all(spelt)).join('')
}
