import { promisesFile, readPromises } from '../../runner/promised-addresses.ts'
import type { Promises } from '../../runner/promised-addresses.ts'
import type { BuiltPage } from './built-pages.ts'
import { replaceFile } from '../../runner/write-whole.ts'

/** The text that the page itself adds below. */
const around = new Set(['recent-runs', 'about-this-page', 'alerts-that-lead-here', 'alert-dashboards'])

/**
 * The ids of a page's steps and headings, with their earlier ids.
 * @internal
 */
export function anchorsOf(site: ReadonlyMap<string, BuiltPage>): Promises {
  const anchors: Promises = {}
  for (const [path, page] of site) {
    if (path.startsWith('runbooks/')) anchors[path] = page.anchors.filter((id) => !around.has(id)).toSorted()
  }
  return anchors
}

/**
 * What was promised and is no longer there. A page may move when an alias of that address takes its place.
 * @internal
 */
export function lostAnchors(promised: Promises, built: Promises): string[] {
  return Object.entries(promised).flatMap(([path, ids]) => {
    const now = built[path]
    if (!now) return [`/${path} is gone: name its address in \`aliases:\` of the page that took its place`]
    const isAlias = now.length === 0
    return isAlias
      ? []
      : ids
          .filter((id) => !now.includes(id))
          .map((id) => `/${path}#${id} is gone: write \`was="${id}"\` on the step that took its place`)
  })
}

/** Compares the built pages with the committed list, or writes it anew. */
export function checkAnchors(
  site: ReadonlyMap<string, BuiltPage>,
  content: string,
  write: boolean,
): string[] {
  const file = promisesFile(content)
  const built = anchorsOf(site)
  if (write) replaceFile(file, `${JSON.stringify(built, null, 2)}\n`)
  const promised = readPromises(file)
  if (!promised) return []
  return promised.ok ? lostAnchors(promised.value, built) : [promised.problem.message]
}
