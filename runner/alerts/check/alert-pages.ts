import { finding, placesIn } from '../finding.ts'
import type { Finding } from '../finding.ts'
import type { ForeignPage, Site } from '../pages/page-site.ts'
import type { Subject } from './alert.ts'

/** AL13: what pages and rules say of each other must hold in the other direction as well. */
export function unreferenced(subjects: readonly Subject[], site: Site): Finding[] {
  const names = new Set(
    subjects.filter(({ rule }) => !rule.name.opaque).map(({ rule }) => rule.name.value.toLowerCase()),
  )
  const linked = new Set(subjects.flatMap(({ links }) => links.flatMap(({ page }) => page ?? [])))
  // Where no link leads to any of these pages they belong to other rules, and nothing can be said about them.
  if (
    linked.size === 0 &&
    !site.pages.some(({ alerts }) => alerts.some(({ name }) => names.has(name.toLowerCase())))
  )
    return []
  const mentioned = mentions(site.pages)
  return site.pages.flatMap((page) =>
    page.inputs ? missingAlerts(page, names) : orphan(page, linked, mentioned, names),
  )
}

function missingAlerts(page: ForeignPage, names: ReadonlySet<string>): Finding[] {
  return page.alerts
    .filter(({ name }) => !names.has(name.toLowerCase()))
    .map(({ name }) => {
      const at = Math.max(0, page.text.indexOf(name))
      const place = placesIn(page.file, page.text)(at, at + name.length)
      const hint = 'Take it out of `alerts:`, or name the rule files that define it too.'
      return finding('AL13', name, place, `The runbook names the alert \`${name}\`, which no rule defines`, {
        hint,
      })
    })
}

const section =
  /(^|\/)(index|_index|readme|license|contributing|changelog|code_of_conduct|security|template)$/

function orphan(
  page: ForeignPage,
  linked: ReadonlySet<ForeignPage>,
  mentioned: ReadonlySet<string>,
  names: ReadonlySet<string>,
): Finding[] {
  const base = baseName(page.file)
  if (linked.has(page) || page.address === '' || section.test(base) || mentioned.has(base)) return []
  const place = { file: page.file, line: 1, column: 1 }
  const hint = names.has(base)
    ? 'An alert of this name is defined, and its link does not lead here.'
    : 'It may belong to an alert that was renamed or removed.'
  return [finding('AL13', '', place, 'No alert and no other page leads to this page', { hint })]
}

/** Names of the pages that other pages link to. */
function mentions(pages: readonly ForeignPage[]): Set<string> {
  const mentioned = new Set<string>()
  for (const { text, file, inputs } of pages) {
    if (inputs) continue
    for (const [, target = ''] of text.matchAll(/(?:\]\(|href=["']?|^\[[^\]]+\]:\s*)([^)\s"'#?>]+)/gm)) {
      const name = baseName(target)
      if (name !== baseName(file)) mentioned.add(name)
    }
  }
  return mentioned
}

function baseName(path: string): string {
  const last = path.replace(/\/+$/, '').split('/').at(-1) ?? ''
  return last.replace(/\.(mdx|markdown|md|html?)$/i, '').toLowerCase()
}
