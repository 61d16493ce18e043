/** Scripts that put no space between words. */
const letter = String.raw`[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}ー\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]`
const joinedWords = new RegExp(`${letter}+`, 'gu')
const anyLetter = new RegExp(letter, 'u')
const punctuation = String.raw`[\u3000-\u303F\uFF00-\uFFEF]`
const markTags = '(?:</?mark>)*'
const addedSpace = new RegExp(
  `(?<=(?:${letter}|${punctuation})${markTags}) +(?=${markTags}(?:${letter}|${punctuation}))`,
  'gu',
)

const segmenter = new Intl.Segmenter(undefined, { granularity: 'word' })

/** Whether a text has words without a space between them. */
export function hasJoinedWords(text: string): boolean {
  return anyLetter.test(text)
}

/** Puts spaces between the words of Chinese, Japanese, Thai and their kin: the index and a query are divided alike. */
export function divideWords(text: string): string {
  return text.replaceAll(
    joinedWords,
    (words) => ` ${[...segmenter.segment(words)].map(({ segment }) => segment).join(' ')} `,
  )
}

/** Removes those spaces again, for display. `<mark>` tags may be beside them. */
export function joinWords(text: string): string {
  return text.replaceAll(addedSpace, '')
}
