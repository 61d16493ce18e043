import { digestOf } from '../build/digest.ts'
import { isDev } from './remember.ts'

/**
 * The key by which a build takes a page from the one before: of everything that the page shows. `site dev` makes each page when it is
 * asked for, and needs none.
 */
export function pageKey(shown: unknown): string | undefined {
  return isDev() ? undefined : digestOf(shown)
}
