/** Scripts that put no space between words. */
const letter = String.raw`[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}ー\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]`
const run = new RegExp(`${letter}+`, 'gu')
const any = new RegExp(letter, 'u')
const sign = String.raw`[\u3000-\u303F\uFF00-\uFFEF]`
const mark = '(?:</?mark>)*'
const space = new RegExp(`(?<=(?:${letter}|${sign})${mark}) +(?=${mark}(?:${letter}|${sign}))`, 'gu')

const segmenter = new Intl.Segmenter(undefined, { granularity: 'word' })

/** Whether a text has words without a space between them. */
export function hasJoinedWords(text: string): boolean {
  return any.test(text)
}

/** Puts spaces between the words of Chinese, Japanese, Thai and their kin: the index and a query are divided alike. */
export function divideWords(text: string): string {
  return text.replaceAll(
    run,
    (words) => ` ${[...segmenter.segment(words)].map(({ segment }) => segment).join(' ')} `,
  )
}

/** Removes those spaces again, for display. `<mark>` tags may be beside them. */
export function joinWords(text: string): string {
  return text.replaceAll(space, '')
}
