import { createHmac, randomBytes } from 'node:crypto'
import type { Session } from './access.ts'

type Holder = Pick<Session, 'id'>
import { isSameSecret } from './same-secret.ts'

/**
 * Tokens of forms. Each is made for one session and one subject: the act, the run, and the moment of it that the page
 * showed. It is used up by the act, so a form that is sent twice acts once.
 */
export interface FormTokens {
  issue(session: Holder, subject: readonly string[]): string
  /** Whether this server made the token for the session and the subject. */
  fits(session: Holder, subject: readonly string[], token: string): boolean
  /** Uses it up. False when it was used before. */
  use(token: string): boolean | Promise<boolean>
}

/** A form that is older is not kept in mind; nor is it accepted, in milliseconds. */
const longestMs = 24 * 3_600_000

/** Without another key it ends with the server: the forms of an earlier one are refused. */
export function makeFormTokens(now: () => number = Date.now, key: Buffer = randomBytes(32)): FormTokens {
  const used = new Map<string, number>()
  const sign = (session: Holder, subject: readonly string[], head: string): string =>
    createHmac('sha256', key)
      .update(JSON.stringify([session.id, head, ...subject]))
      .digest('base64url')
  return {
    issue(session, subject) {
      const head = `${now().toString(36)}.${randomBytes(12).toString('base64url')}`
      return `${head}.${sign(session, subject, head)}`
    },
    fits(session, subject, token) {
      // More text behind the signature would make another token of the same one, which could be used once more.
      const [made = '', nonce = '', mac = '', ...more] = token.split('.')
      const isFresh = now() - Number.parseInt(made, 36) < longestMs
      return more.length === 0 && isFresh && isSameSecret(mac, sign(session, subject, `${made}.${nonce}`))
    },
    use(token) {
      for (const [old, at] of used) if (now() - at > longestMs) used.delete(old)
      if (used.has(token)) return false
      used.set(token, now())
      return true
    },
  }
}
