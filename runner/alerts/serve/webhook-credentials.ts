import { isSameSecret } from '../../http/same-secret.ts'

/** The secrets that a sender may know. With neither, everyone who can reach the address may send. */
export interface Credentials {
  secret?: string | undefined
  /** `user:password` */
  basic?: string | undefined
}

/** Whether the `Authorization` header holds one of them. Takes as long for a wrong one as for a right one. */
export function mayEnter(header: string | undefined, { secret, basic }: Credentials): boolean {
  if (secret === undefined && basic === undefined) return true
  const given = header ?? ''
  const bearer = secret !== undefined && isSameSecret(given, `Bearer ${secret}`)
  const user = basic !== undefined && isSameSecret(given, `Basic ${Buffer.from(basic).toString('base64')}`)
  return bearer || user
}
