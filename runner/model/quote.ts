/**
 * A text in backticks, or its length when it is longer than `most` characters. It is never cut: half a secret would not
 * be found by what hides secrets.
 */
export function quoteWhole(text: string, most: number): string {
  return text.length > most ? `text of ${text.length} characters` : `\`${text}\``
}
