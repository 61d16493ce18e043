/** The decoded text of a part of an address; undefined for a text that is not encoded properly. */
export function decodeUri(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}
