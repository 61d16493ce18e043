import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { BuiltPage } from './built-pages.ts'

/**
 * Earlier addresses for hosts that redirect themselves, which keep query and fragment. Those that lead to a step stay
 * with their page: a host would put the values behind its fragment.
 */
export function writeRedirects(out: string, base: string, site: ReadonlyMap<string, BuiltPage>): void {
  const lines = [...site].flatMap(([path, { moved }]) =>
    moved === undefined ? [] : [`${base}${path} ${moved} 301\n`],
  )
  writeFileSync(join(out, '_redirects'), lines.join(''))
}
