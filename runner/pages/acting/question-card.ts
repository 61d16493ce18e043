import type { AnswerChoice, AnswerField } from '../../model/people/question-form.ts'
import { inputControl } from '../input-fields.ts'
import { html } from '../markup.ts'
import type { Markup } from '../markup.ts'
import { sentence } from '../page-text.ts'
import { shortTime } from '../page-time.ts'
import type { Acting, ActingApproval, ActingQuestion } from './acting.ts'
import { actForm } from './act-form.ts'

/** The cards of everything that people are asked now. */
export function questionCards(acting: Acting, titleOf: (step: string) => string): Markup {
  const { question, approvals, nested, person, problem } = acting
  const key = [
    question?.topic,
    question?.size,
    question?.posted,
    approvals.map(({ topic, posted }) => [topic, posted]),
    nested,
    person,
    question?.hindrance,
    problem,
  ]
  return html`<div data-part="asks" data-key="${JSON.stringify(key)}">
    ${question && questionCard(question, acting, titleOf(question.step))}${approvals.map((one) => approvalCard(one, acting))}
    ${
      nested !== undefined &&
      html`<section class="card ask">
        <p>A nested run asks something: <a href="${nested}">answer it there</a>.</p>
      </section>`
    }
  </div>`
}

function questionCard(question: ActingQuestion, acting: Acting, title: string): Markup {
  const { form, topic, size, shown, shownSha256, hindrance, step, posted } = question
  const hidden = { topic, size: String(size), shown: shownSha256 }
  return html`<section class="card ask" aria-labelledby="question">
    <h2 id="question">${sentence(form.title)}</h2>
    <p class="meta">Step <a href="#${step}">${title}</a></p>
    ${acting.problem !== undefined && html`<p class="problem" role="alert">${sentence(acting.problem)}</p>`}
    ${form.about.map((line) => html`<p>${sentence(line)}</p>`)} ${shownBlock(shown)}
    ${
      posted.length > 0
        ? html`<p role="status"><b>${posted.join(', ')}</b> answered. ${readsWords(acting)}</p>`
        : hindrance === undefined
          ? actForm(
              acting,
              'answer',
              hidden,
              html`${fieldsOf(question)}
                <p class="buttons">
                  ${form.choices.filter(({ short }) => !short).map((choice) => choiceButton(choice, form.member))}
                </p>`,
            )
          : html`<p>${sentence(hindrance)}</p>`
    }
  </section>`
}

/** When an answer that was given is read. */
function readsWords({ isDriven, runners }: Acting): string {
  if (isDriven) return 'The run reads it and goes on.'
  return runners?.isAlive === false
    ? `The run reads it when a runner goes on with it; ${runners.owner} is not seen.`
    : 'The run reads it when it is resumed.'
}

/** The text that whoever answers is shown, and that is recorded with the answer. */
function shownBlock(shown: string): Markup {
  return html`<details class="aside shown" ${shown.split('\n').length <= 24 && html` open`}>
    <summary>Shown and recorded</summary>
    <pre class="code" tabindex="0">${shown}</pre>
  </details>`
}

/** Every field that some choice has, once; which choices need it stands with it. */
function fieldsOf({ form, given }: ActingQuestion): Markup {
  const choices = form.choices.filter(({ short }) => !short)
  const names = [...new Set(choices.flatMap(({ fields }) => fields.map(({ name }) => name)))]
  return html`${names.map((name) => {
    const users = choices.filter(({ fields }) => fields.some((field) => field.name === name))
    const fields = users.flatMap((choice) => choice.fields.filter((field) => field.name === name))
    const [first] = fields
    if (!first) return html``
    const isAlone = choices.length === 1
    const label = isAlone ? first.label : [...new Set(fields.map((field) => field.label))].join(' / ')
    const needed = users.filter(({ fields: own }) => own.some((field) => field.name === name && field.reason))
    const hint = needed.length > 0 && !isAlone && `needed for: ${needed.map((one) => one.label).join(', ')}`
    return html`<label
      >${label}${hint !== false && html` <small>${hint}</small>`}
      ${control(first, isAlone, given[name])}</label
    >`
  })}`
}

/** Where a page has several buttons, only the server can tell which fields must be filled. */
function control({ name, spec, exact }: AnswerField, isAlone: boolean, value: string | undefined): Markup {
  if (exact !== undefined) return inputControl(name, { type: 'string', required: true }, value)
  return inputControl(
    name,
    isAlone ? spec : { ...spec, type: spec.type === 'text' ? 'string' : spec.type, required: false },
    value,
  )
}

function choiceButton({ value, recorded, label, hint, tone, stops }: AnswerChoice, member: string): Markup {
  const name = stops ? '~stop' : member === '' ? '~answer' : member
  const words = recorded === undefined ? label : label.replace(/,.*$/, '')
  return html`<button
    class="${tone}"
    name="${name}"
    value="${recorded ?? value}"
    ${stops && html` formnovalidate`}
    ${hint !== undefined && html` title="${hint}"`}
  >
    ${words}
  </button>`
}

function approvalCard(approval: ActingApproval, acting: Acting): Markup {
  const { topic, title, step, needs, shown, until, isDirect, hindrance, passkeys, posted } = approval
  const decide = html`<label
      >Reason <small>kept with the decision; needed to reject</small
      ><textarea name="reason" rows="2"></textarea>
    </label>
    <p class="buttons">
      <button class="main" name="decision" value="approved">Approve as ${acting.person}</button>
      <button class="danger" name="decision" value="rejected">Reject</button>
    </p>`
  return html`<section class="card ask" aria-labelledby="approval-${step}">
    <h2 id="approval-${step}">${title}</h2>
    <p class="meta">
      Approval ·
      ${needs}${until !== undefined && html` · until <time datetime="${until}">${shortTime(until)}</time>`}
    </p>
    ${acting.problem !== undefined && html`<p class="problem" role="alert">${sentence(acting.problem)}</p>`}
    ${shownBlock(shown)}
    ${posted.map((one) => html`<p role="status"><b>${one}</b> decided. ${readsWords(acting)}</p>`)}
    ${passkeys.length > 0 && html`<p class="buttons">${passkeys.map(({ person, address }) => html`<a class="button main" href="${address}">Decide as ${person} with a passkey</a>`)}</p>`}
    ${isDirect && actForm(acting, 'decide', { topic, step }, decide)}
    ${hindrance !== undefined && html`<p class="muted">${sentence(hindrance)}</p>`}
  </section>`
}
