import { createHash, timingSafeEqual } from 'node:crypto'

/** What a sender must know. With neither, everybody who can reach the address may send. */
export interface Credentials {
  secret?: string | undefined
  /** `user:password` */
  basic?: string | undefined
}

/** Whether the `Authorization` header is one that opens. Takes as long for a wrong one as for a right one. */
export function mayEnter(header: string | undefined, { secret, basic }: Credentials): boolean {
  if (secret === undefined && basic === undefined) return true
  const given = header ?? ''
  const bearer = secret !== undefined && same(given, `Bearer ${secret}`)
  const user = basic !== undefined && same(given, `Basic ${Buffer.from(basic).toString('base64')}`)
  return bearer || user
}

/** Digests are of equal length whatever was given, so the comparison tells nothing about the secret's length. */
function same(a: string, b: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(a), digest(b))
}

/** Addresses only this machine can reach. */
export function isLoopback(host: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|::1|\[::1\])$/i.test(host)
}
