import { asText } from '../model/values/json.ts'
import type { Json } from '../model/values/json.ts'
import { html } from './markup.ts'
import type { Markup } from './markup.ts'
import { cutAtOptions, optionClass } from './whole-options.ts'

/** Text in which the places of secrets can be seen. */
export function marked(text: string): Markup[] {
  return text
    .split(/(\[redacted(?::[^\]\n]{1,64})?\])/)
    .map((part, at) =>
      at % 2 === 0
        ? html`${part}`
        : html`<mark class="redacted" title="A redacted secret; it was never written">${part}</mark>`,
    )
}

/**
 * A sentence with its code between backticks and its strong words between `**` drawn as such. A journal that was changed
 * may hold something else in its place.
 */
export function sentence(text: Json): Markup[] {
  return asText(text)
    .split(/(\*\*[^*]+\*\*|`[^`]+`)/)
    .map((part) =>
      part.startsWith('**') && part.length > 4
        ? html`<b>${part.slice(2, -2)}</b>`
        : part.startsWith('`') && part.length > 2
          ? html`<code>${withOptions(part.slice(1, -1))}</code>`
          : html`${marked(part)}`,
    )
}

function withOptions(code: string): Markup[] {
  return cutAtOptions(code).map((part, at) =>
    at % 2 === 0 ? html`${part}` : html`<span class="${optionClass(part)}">${part}</span>`,
  )
}
