import { html } from '../../../../pages/markup.ts'
import type { Markup } from '../../../../pages/markup.ts'

/** A cell that says its column: on a phone a row of a table is a block. */
export function cell(name: string, content: Markup | string): Markup {
  return html`<td data-name="${name}">${content}</td>`
}
