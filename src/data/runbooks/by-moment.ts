import { moments } from '../../../runner/model/meta.ts'
import type { Page } from './runbook-pages.ts'

export type Moment = (typeof moments)[number]

const momentWords: Record<Moment, string> = {
  alert: 'When an alert fires',
  release: 'In a release',
  routine: 'As routine work',
}

/** When people open a runbook. `alarming` are the slugs that alerts lead to. @internal */
export function momentOf({ slug, meta }: Pick<Page, 'slug' | 'meta'>, alarming: ReadonlySet<string>): Moment {
  if (meta.moment) return meta.moment
  if (meta.counts !== undefined) return 'release'
  return alarming.has(slug) || meta.severity !== undefined ? 'alert' : 'routine'
}

/** Runbooks by moment, in the order a person in a hurry needs them. */
export function byMoment(
  pages: readonly Page[],
  alarming: ReadonlySet<string>,
): { moment: Moment; words: string; pages: Page[] }[] {
  const groups = Map.groupBy(pages, (page) => momentOf(page, alarming))
  return moments.flatMap((moment) => {
    const members = groups.get(moment)
    return members ? [{ moment, words: momentWords[moment], pages: members }] : []
  })
}

/** The folder at the top that a document lies in; empty at the root. */
export function topFolder(slug: string): string {
  return slug.includes('/') ? slug.slice(0, slug.indexOf('/') + 1) : ''
}
