/** Whether a text has the form of a BCP 47 language tag, such as `de` or `zh-CN`. */
export function isLanguageTag(text: string): boolean {
  try {
    return Intl.getCanonicalLocales(text).length === 1
  } catch {
    return false
  }
}
