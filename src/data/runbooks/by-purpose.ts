import type { Page } from './runbook-pages.ts'

const purposes = ['When an alert fires', 'To change something', 'To look and to decide'] as const

/** Runbooks by what they are for, in the order a person in a hurry needs them. `alarming` are those alerts lead to. */
export function byPurpose(
  pages: readonly Page[],
  alarming: ReadonlySet<string>,
): [purpose: string, pages: Page[]][] {
  const purposeOf = ({ slug, steps }: Page): string => {
    const at = alarming.has(slug) ? 0 : steps.some(({ effect }) => effect === 'write') ? 1 : 2
    return purposes[at] ?? ''
  }
  const groups = Map.groupBy(pages, purposeOf)
  return purposes.flatMap((purpose) => {
    const members = groups.get(purpose)
    return members ? [[purpose, members] as [string, Page[]]] : []
  })
}
