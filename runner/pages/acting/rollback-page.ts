import type { StoryInput } from '../../journal/story/story.ts'
import type { PlannedStep } from '../../model/plan.ts'
import { inputControl } from '../input-fields.ts'
import { html } from '../markup.ts'
import type { Markup } from '../markup.ts'
import { sentence } from '../page-text.ts'
import { inputList } from '../run-head.ts'
import { actForm } from './act-form.ts'
import type { Acting } from './acting.ts'

export interface RollbackPreview {
  title: string
  acting: Acting
  /** The steps whose undo runs, in its order. */
  steps: readonly PlannedStep[]
  inputs: readonly StoryInput[]
  /** Others who ran it. */
  others: readonly string[]
  /** Why it cannot be rolled back now. */
  hindrance: string | undefined
}

/** The undos of a rollback, and the form that starts it. */
export function rollbackPage({ title, acting, steps, inputs, others, hindrance }: RollbackPreview): Markup {
  const form = html`${acting.secrets.map((name) => html`<label>${name} <small>secret, given again</small>${inputControl(name, { type: 'secret' })}</label>`)}
    <label
      >Reason <small>recorded in the journal</small><textarea name="reason" rows="2" required></textarea>
    </label>
    <p class="buttons">
      <button class="danger">Roll it back</button> <a class="button" href="${acting.page}">Leave it</a>
    </p>`
  return html`<article class="run">
    <div class="lead">
      <p class="eyebrow"><a href="${acting.page}">Back to the run</a></p>
      <h1>Roll back ${title}?</h1>
      ${inputList(inputs)}
    </div>
    ${acting.problem !== undefined && html`<p class="problem" role="alert">${sentence(acting.problem)}</p>`}
    ${others.length > 0 && html`<p class="problem">This is the run of ${others.join(', ')}, not yours (${acting.person}).</p>`}
    <h2>${steps.length === 0 ? 'Nothing is to be undone' : 'To be undone, in this order'}</h2>
    <ol class="undos">
      ${steps.map(({ id, title: step, fences }) => {
        const undo = fences.find(({ role }) => role === 'undo')
        return html`<li>
          <b>${step}</b> <code>${id}</code>
          ${undo ? html`<pre class="code" tabindex="0">${undo.code}</pre>` : html`<p class="muted">There is no undo; its effect stays.</p>`}
        </li>`
      })}
    </ol>
    ${hindrance === undefined ? actForm(acting, 'rollback', {}, form) : html`<p>${sentence(hindrance)}</p>`}
  </article>`
}
