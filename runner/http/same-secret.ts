import { createHash, timingSafeEqual } from 'node:crypto'

/** Compares with a secret. Digests are of equal length whatever was given, so the time does not depend on it. */
export function isSameSecret(a: string, b: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(a), digest(b))
}
