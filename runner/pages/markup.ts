import { asMarkup } from '../journal/export/escape.ts'
import { asText } from '../model/values/json.ts'
import type { Json } from '../model/values/json.ts'

/** Text that is markup already. Only `html` makes it: nothing that was read from a journal can be one. */
class MarkupText {
  readonly markup: string
  constructor(markup: string) {
    this.markup = markup
  }
}

export type Markup = MarkupText

type Value = Markup | string | number | false | undefined | readonly Value[]

/** Markup with values in it: texts are escaped, also in quoted attributes; lists are joined; nothing stays nothing. */
export function html(parts: TemplateStringsArray, ...values: readonly Value[]): Markup {
  return new MarkupText(
    parts.map((part, at) => part + (at < values.length ? markupOf(values[at]) : '')).join(''),
  )
}

function markupOf(value: Value): string {
  if (value === undefined || value === false) return ''
  if (value instanceof MarkupText) return value.markup
  if (Array.isArray(value)) return value.map(markupOf).join('')
  // A journal may have been changed: what should be a word there may be anything, and is shown as what it is.
  return asMarkup(asText(value as Json))
}
