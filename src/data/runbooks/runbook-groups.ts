import { dueDate, isOverdue } from '../../../runner/model/review.ts'
import { addressPart } from '../../../runner/model/text/address-part.ts'
import { allAlerts } from './linked-alerts.ts'
import { byMoment, topFolder } from './by-moment.ts'
import { catalogue } from './catalogue.ts'
import type { Page } from './runbook-pages.ts'
import { inOrder } from '../in-order.ts'
import { remember } from '../remember.ts'
import { compareText } from '../../../runner/model/compare-text.ts'

/** Runbooks that have an address of their own together: a filter that needs no script. */
export interface RunbookGroup {
  by: 'moment' | 'service' | 'folder' | 'owner' | 'severity' | 'review'
  words: string
  /** Below the site, such as `/by/service/storefront/`. */
  path: string
  pages: Page[]
}

/** The slugs that alerts lead to. */
export async function alarmingSlugs(): Promise<Set<string>> {
  return new Set((await allAlerts()).map(({ slug }) => slug))
}

/** Every group, in the order of the filters. */
export const runbookGroups = remember(async (): Promise<RunbookGroup[]> => {
  const [pages, alarming] = [await catalogue(), await alarmingSlugs()]
  const today = new Date().toISOString().slice(0, 10)
  return [
    ...byMoment(pages, alarming).map(({ moment, words, pages: members }) =>
      groupOf('moment', words, moment, members),
    ),
    ...grouped('service', pages, ({ meta }) => meta.services ?? []),
    ...grouped('folder', pages, ({ slug }) => topFolder(slug) || []),
    ...grouped('owner', pages, ({ meta }) => meta.owner ?? []),
    ...grouped('severity', pages, ({ meta }) => meta.severity ?? []),
    ...grouped('review', pages, ({ meta }) => (isOverdue(meta, today) ? 'overdue' : [])).map((group) => ({
      ...group,
      pages: group.pages.toSorted((a, b) => compareText(dueDate(a.meta) ?? '', dueDate(b.meta) ?? '')),
    })),
  ]
})

function grouped(
  by: RunbookGroup['by'],
  pages: readonly Page[],
  valuesOf: (page: Page) => string | readonly string[],
): RunbookGroup[] {
  const pairs = pages.flatMap((page) =>
    [...new Set([valuesOf(page)].flat())].map((value) => ({ value, page })),
  )
  const groups = [...Map.groupBy(pairs, ({ value }) => value)].toSorted(([a], [b]) => inOrder(a, b))
  const taken = new Set<string>()
  return groups.map(([value, own]) =>
    groupOf(
      by,
      value,
      addressPart(value, taken),
      own.map(({ page }) => page),
    ),
  )
}

function groupOf(by: RunbookGroup['by'], words: string, part: string, pages: Page[]): RunbookGroup {
  return { by, words, path: `/by/${by}/${part}/`, pages }
}
