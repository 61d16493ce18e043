import { readPage } from './built-pages.ts'
import type { BuiltPage } from './built-pages.ts'
import { twinOf } from './markdown-twins.ts'
import type { Twin } from './markdown-twins.ts'

/** All that the work after the pages needs of one. */
export interface SeenPage {
  facts: BuiltPage
  twin?: Twin
}

/** Depends on the markup alone, so what was seen of a page serves the next build that has the same one. */
export function seePage(html: string): SeenPage {
  const twin = twinOf(html)
  return { facts: readPage(html), ...(twin && { twin }) }
}
