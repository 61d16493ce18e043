import { decodeUri } from '../../runner/model/text/decode-uri.ts'
/**
 * A text without these values, nor the parts of an address that are secret.
 */
export function hide(text: string, secrets: readonly string[]): string {
  const parts = secrets.flatMap((secret) => {
    const url = URL.parse(secret)
    const inUrl =
      url === null
        ? []
        : [url.password, decodeUri(url.password) ?? url.password, url.username, url.pathname.slice(1)]
    return [secret, ...inUrl].filter((part) => part.length >= 4)
  })
  return parts.reduce((hidden, part) => hidden.replaceAll(part, '***'), text)
}
