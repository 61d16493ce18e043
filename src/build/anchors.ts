import { writeFileSync } from 'node:fs'
import { isBroken, promisesFile, readPromises } from '../../runner/promises.ts'
import type { Promises } from '../../runner/promises.ts'
import type { BuiltPage } from './site-files.ts'

/**
 * The ids of a page's steps and headings, with their earlier ids.
 * @internal
 */
export function anchorsOf(site: ReadonlyMap<string, BuiltPage>): Promises {
  const anchors: Promises = {}
  for (const [path, { html, ids }] of site) {
    if (!path.startsWith('runbooks/')) continue
    const text = /<div class="prose">([\s\S]*)<\/article>/.exec(html)?.[1] ?? ''
    anchors[path] = ids
      .filter(
        (id) =>
          text.includes(`id="${id}"`) &&
          !/^(in-|inputs-|recent-runs$|about-this-page$|alerts-that-lead-here$|alert-dashboards$)/.test(id),
      )
      .toSorted()
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
  if (write) writeFileSync(file, `${JSON.stringify(built, null, 2)}\n`)
  const promised = readPromises(file)
  if (!promised) return []
  return isBroken(promised) ? [promised.problem] : lostAnchors(promised, built)
}
