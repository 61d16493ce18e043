import { randomBytes } from 'node:crypto'
import { isSameSecret } from './same-secret.ts'

/** Who may read what a server on loopback shows: every account of a machine can reach its ports. */
export interface Access {
  /** The folder of all pages, such as `/~fT3…/`. A cookie of another path stays out of requests to other ports. */
  readonly folder: string
  /** The address that lets one browser in, below the origin: `/~open/…`. After each use there is another. */
  address(): string
  /** For the path of such an address: the cookie to set, once. Undefined for any other path. */
  open(path: string): string | undefined
  /** Whether the `Cookie` header of a request is that of a browser that was let in. */
  admits(cookies: string | undefined): boolean
}

/** `base` is the path of the site with slashes at both ends; `port` tells the cookies of several servers apart. */
export function makeAccess(base: string, port: number): Access {
  const folder = `${base}~${secret(16)}/`
  const name = `rb-${port}`
  const session = secret(32)
  let once = secret(32)
  const address = (): string => `${base}~open/${once}`
  return {
    folder,
    address,
    open(path) {
      if (!isSameSecret(path, address())) return undefined
      once = secret(32)
      return `${name}=${session}; Path=${folder}; HttpOnly; SameSite=Strict`
    },
    admits(cookies = '') {
      const own = cookies.split(/;\s*/).filter((cookie) => cookie.startsWith(`${name}=`))
      // Of two, one was put there by somebody else.
      return own.length === 1 && isSameSecret(own[0] ?? '', `${name}=${session}`)
    },
  }
}

function secret(bytes: number): string {
  return randomBytes(bytes).toString('base64url')
}
