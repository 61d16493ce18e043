import { statSync } from 'node:fs'

/** Differs once a file was written, replaced or restored from elsewhere; undefined where there is none. */
export function stampOf(path: string): string | undefined {
  const stats = statSync(path, { bigint: true, throwIfNoEntry: false })
  return stats && [stats.ino, stats.size, stats.mtimeNs, stats.ctimeNs].join(' ')
}
