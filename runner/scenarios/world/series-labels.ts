import type { Matcher, Selector } from '../../kinds/gate/selector.ts'

export type Labels = Record<string, string>

/** Values that labels usually have; one of them fits most patterns. */
const usual = ['200', '500', 'GET', 'x', '0', '1', '/', 'other', '']

/** Labels of a series that every one of these selectors selects; undefined when none is found. */
export function selectedLabels(selectors: readonly Selector[]): Labels | undefined {
  const matchers = Map.groupBy(
    selectors.flatMap((selector) => selector.matchers),
    ({ label }) => label,
  )
  const labels: Labels = {}
  for (const [label, own] of matchers) {
    const value = candidates(own).find((one) => own.every(({ matches }) => matches(one)))
    if (value === undefined) return undefined
    if (value !== '') labels[label] = value
  }
  return labels
}

/** Labels that one selector selects and none of the others does: a good event beside the bad ones. */
export function labelsWithout(selector: Selector, others: readonly Selector[]): Labels | undefined {
  const base = selectedLabels([selector])
  if (!base) return undefined
  const free = others.flatMap(({ matchers }) => matchers)
  const names = [...new Set(free.map(({ label }) => label))]
  const isFree = (labels: Labels): boolean =>
    others.every(({ matchers }) => matchers.some(({ label, matches }) => !matches(labels[label] ?? '')))
  if (others.length === 0 || isFree(base)) return base
  for (const name of names)
    for (const value of usual) {
      const labels = { ...base, [name]: value }
      const fits = selector.matchers.every(({ label, matches }) => matches(labels[label] ?? ''))
      if (fits && isFree(labels)) return labels
    }
  return undefined
}

function candidates(matchers: readonly Matcher[]): string[] {
  const values = matchers.flatMap(({ operator, value }) => (operator === '=' ? [value] : spelled(value)))
  return [...values, ...usual]
}

/** Texts that a simple pattern may match, such as `500` for `5..` and `GET` for `GET|POST`. */
function spelled(pattern: string): string[] {
  return pattern.split('|').map((part) =>
    part
      .replaceAll(/\[\^?([^\]])[^\]]*\]/g, '$1')
      .replaceAll(/\\[dw]/g, '0')
      .replaceAll(/\.[*+]/g, 'x')
      .replaceAll(/\\(.)/g, '$1')
      .replaceAll('.', '0')
      .replaceAll(/[*+?()^$]/g, ''),
  )
}
