import { html } from '../markup.ts'
import type { Markup } from '../markup.ts'
import type { Acting, RunAct } from './acting.ts'

/** A form that does one act once, without any script. */
export function actForm(
  acting: Pick<Acting, 'page' | 'token'>,
  act: RunAct,
  hidden: Readonly<Record<string, string>>,
  content: Markup,
): Markup {
  return html`<form method="post" action="${acting.page}${act}" class="act" autocomplete="off">
    <input type="hidden" name="~token" value="${acting.token(act)}" />
    ${Object.entries(hidden).map(([name, value]) => html`<input type="hidden" name="~${name}" value="${value}" />`)}
    ${content}
  </form>`
}
