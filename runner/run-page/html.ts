import { asMarkup } from '../journal/export/lines.ts'

/** Text that is markup already. Only `html` makes it, so that what comes from a run is always escaped. */
export interface Markup {
  markup: string
}

type Value = Markup | string | number | false | undefined | readonly Value[]

/** Markup with values in it: texts are escaped, also in quoted attributes; lists are joined; nothing stays nothing. */
export function html(parts: TemplateStringsArray, ...values: readonly Value[]): Markup {
  return { markup: parts.map((part, at) => part + (at < values.length ? written(values[at]) : '')).join('') }
}

function written(value: Value): string {
  if (value === undefined || value === false) return ''
  if (typeof value === 'string' || typeof value === 'number') return asMarkup(String(value))
  return 'markup' in value ? value.markup : value.map(written).join('')
}
