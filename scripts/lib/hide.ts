/**
 * A text without these values, nor the parts of an address that are secret.
 */
export function hide(text: string, secrets: readonly string[]): string {
  const parts = secrets.flatMap((secret) => {
    const url = URL.parse(secret)
    const inUrl =
      url === null ? [] : [url.password, decoded(url.password), url.username, url.pathname.slice(1)]
    return [secret, ...inUrl].filter((part) => part.length >= 4)
  })
  return parts.reduce((hidden, part) => hidden.replaceAll(part, '***'), text)
}

/** The decoded text; text that is not encoded properly is unchanged. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
