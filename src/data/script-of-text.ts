/** The traits of an element that a text in another script than that of the site needs. */
export interface TextTraits {
  dir?: 'rtl'
  /** Letters that languages share are drawn, spoken and broken in lines by it. */
  lang?: string
}

const rightToLeft = /\p{Script=Arabic}|\p{Script=Hebrew}|\p{Script=Syriac}|\p{Script=Thaana}|\p{Script=Nko}/u

/**
 * The direction of a text, by its first letter as browsers do it, and its language, as its document or else its script says it.
 * @param text of a whole document, so that a word of another language in its title decides nothing
 * @param lang of the document
 */
export function traitsOf(text: string, lang?: string): TextTraits {
  const traits = traitsOfScript(text)
  return lang === undefined ? traits : { ...traits, lang }
}

function traitsOfScript(text: string): TextTraits {
  const letter = /\p{L}/u.exec(text)?.[0] ?? ''
  if (rightToLeft.test(letter)) return { dir: 'rtl' }
  if (/\p{Script=Hiragana}|\p{Script=Katakana}/u.test(text)) return { lang: 'ja' }
  if (/\p{Script=Hangul}/u.test(text)) return { lang: 'ko' }
  return /\p{Script=Han}/u.test(letter) ? { lang: 'zh' } : {}
}
