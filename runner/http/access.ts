import { randomBytes, randomInt } from 'node:crypto'
import { isSameSecret } from './same-secret.ts'

/** One browser that was let in. */
export interface Session {
  readonly id: string
  /** Who the person at this browser says they are; undefined: whoever runs the server. */
  person: string | undefined
  /** Whether it sees what is about a runbook. */
  sees(slug: string): boolean
}

/** Why a browser was not let in. */
type Refused = 'wrong' | 'expired'

/**
 * Who may read and act on a server on loopback: every account of a machine can reach its ports. A browser is let in by a
 * one-time token, from the fragment of a printed address, which reaches no log, or by a code that is typed.
 */
export interface Access {
  /** The folder of all pages, such as `/~fT3…/`. A cookie of another path stays out of requests to other ports. */
  readonly folder: string
  /** Where the token is handed in: `/~open/`. */
  readonly door: string
  /** The address that lets one browser in, below the origin. It opens for a minute, and once. */
  address(): string
  /** The same token for people without JavaScript, to be typed. */
  code(): string
  /** Uses a token or a code up. A wrong one may be tried five times; then, and once it has expired, there is another. */
  open(token: string): { cookie: string } | { refused: Refused }
  /** The session of a `Cookie` header. `twice` when there are two cookies: one was put there by somebody else. */
  session(cookies: string | undefined): Session | 'twice' | undefined
}

/** How long a token lets in after it was printed, in milliseconds. */
const openMs = 60_000
const mostTries = 5
/** Letters and digits that are not mistaken for one another. */
const alphabet = 'ABCDEFGHJKMNPQRSTVWXYZ23456789'

interface Token {
  secret: string
  code: string
  until: number
  tries: number
}

export interface AccessOptions {
  /** The path of the site with slashes at both ends. */
  base: string
  /** Tells the cookies of several servers apart. */
  port: number
  /** Told when there is another address, and why. */
  onRenewed?: (why: 'opened' | Refused) => void
  /** Milliseconds since the epoch. */
  now?: () => number
}

export function makeAccess({ base, port, onRenewed = () => {}, now = Date.now }: AccessOptions): Access {
  const folder = `${base}~${secret(16)}/`
  const name = `rb-${port}`
  const sessions = new Map<string, Session>()
  let token = makeToken(now())
  const renew = (why: 'opened' | Refused): void => {
    token = makeToken(now())
    onRenewed(why)
  }
  const door = `${base}~open/`
  return {
    folder,
    door,
    address: () => `${door}#${token.secret}`,
    code: () => token.code,
    open(text) {
      const fits = isSameSecret(text, token.secret) || isSameSecret(plainCode(text), plainCode(token.code))
      if (!fits) {
        token.tries += 1
        if (token.tries >= mostTries) renew('wrong')
        return { refused: 'wrong' }
      }
      if (now() > token.until) {
        renew('expired')
        return { refused: 'expired' }
      }
      renew('opened')
      const session = secret(32)
      sessions.set(session, { id: secret(16), person: undefined, sees: () => true })
      return { cookie: `${name}=${session}; Path=${folder}; HttpOnly; SameSite=Strict` }
    },
    session(cookies = '') {
      const own = cookies.split(/;\s*/).filter((cookie) => cookie.startsWith(`${name}=`))
      if (own.length > 1) return 'twice'
      const value = own[0]?.slice(name.length + 1) ?? ''
      for (const [key, session] of sessions) if (isSameSecret(key, value)) return session
      return undefined
    },
  }
}

function makeToken(at: number): Token {
  const letters = Array.from({ length: 10 }, () => alphabet[randomInt(alphabet.length)]).join('')
  return {
    secret: secret(32),
    code: `${letters.slice(0, 5)}-${letters.slice(5)}`,
    until: at + openMs,
    tries: 0,
  }
}

function plainCode(text: string): string {
  return text.toUpperCase().replaceAll(/[\s-]/g, '')
}

function secret(bytes: number): string {
  return randomBytes(bytes).toString('base64url')
}
