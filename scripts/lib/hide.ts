import { redactText } from '../../runner/engine/process/redact/redact.ts'

/** A text without these values, the parts of an address that are secret, or a form of either that programs print. */
export function hide(text: string, secrets: readonly string[]): string {
  const parts = secrets.flatMap((secret) => {
    const url = URL.parse(secret)
    return url === null ? [secret] : [secret, url.username, url.pathname.slice(1)]
  })
  return redactText(
    text,
    parts.filter((part) => part.length >= 4),
  )
}
