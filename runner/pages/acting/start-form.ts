import { ansiSpans } from '../../model/text/ansi.ts'
import { inputFields, inputNames } from '../input-fields.ts'
import type { NamedInputs } from '../input-fields.ts'
import { html } from '../markup.ts'
import type { Markup } from '../markup.ts'
import { sentence } from '../page-text.ts'

/** All that the form of a new run shows. */
export interface Starting {
  /** Address that takes the form. */
  action: string
  token: string
  person: string
  /** `own`: a process of this server, by whom the browser claims to be; `team`: an order that the person signs next. */
  by: 'own' | 'signed in' | 'team'
  inputs: NamedInputs
  values: Readonly<Record<string, string>>
  fromLink: ReadonlySet<string>
  /** Values of a link that no input takes. */
  context: readonly (readonly [name: string, value: string])[]
  /** Ids and titles of the steps, where a run can begin. */
  steps: readonly { id: string; title: string }[]
  /** The step it begins at; empty for the first. */
  from: string
}

/** The inputs of a runbook as a form that starts a run, or shows what it would do. It needs no script. */
export function startForm(starting: Starting): Markup {
  const { inputs, fromLink, context, person } = starting
  return html`<form
    data-inputs="${inputNames(inputs)}"
    class="start act"
    method="post"
    action="${starting.action}"
    aria-label="Run it"
    autocomplete="off"
    spellcheck="false"
  >
    ${controls(starting)}
    ${
      inputs.length > 0 &&
      html`<div>
        ${fromLink.size > 0 && html`<noscript><p class="hint">Filled in from the link: ${[...fromLink].join(', ')}. Read each before you run.</p></noscript>`}
        ${inputFields(inputs, { ...starting, secrets: 'typed' })}
      </div>`
    }
    ${
      context.length > 0 &&
      html`<noscript
        ><dl class="facts">
          ${context.map(
            ([name, value]) =>
              html`<div>
                <dt>${name}</dt>
                <dd>${value}</dd>
              </div>`,
          )}
        </dl></noscript
      >`
    }
    ${beginAt(starting)}
    <p class="buttons">
      <button name="~do" value="dry">Dry run</button>
      <button class="main" name="~do" value="run">${starting.by === 'team' ? 'Order it…' : 'Run it'}</button>
      <span class="muted">as ${person} (${starting.by === 'own' ? 'claimed' : 'signed in'})</span>
    </p>
  </form>`
}

function controls({ token }: Starting): Markup {
  return html`<input type="hidden" name="~token" value="${token}" />`
}

function beginAt({ steps, from }: Starting): Markup | false {
  if (steps.length < 2) return false
  return html`<label
    >Begin at
    <select name="~from" data-from>
      ${steps.map(({ id, title }, index) => html`<option value="${index === 0 ? '' : id}" ${id === from && html` selected`}>${index + 1} ${title}</option>`)}
    </select></label
  >`
}

export interface DryShown extends Starting {
  title: string
  /** Address of the runbook's page. */
  runbook: string
  /** The output of the dry run, with its colors. */
  printed: string
  problem: string | undefined
}

/** The result of a dry run, with the form to run the same. A secret is typed again: no page holds one. */
export function dryPage(dry: DryShown): Markup {
  const { title, runbook, printed, problem } = dry
  return html`<article class="run">
    <div class="lead">
      <p class="eyebrow"><a href="${runbook}">Back to the runbook</a></p>
      <h1>${problem === undefined ? 'Dry run' : 'Not run'}: ${title}</h1>
    </div>
    ${problem !== undefined && html`<p class="problem" role="alert">${sentence(problem)}</p>`}
    ${printed !== '' && html`<pre class="code" tabindex="0">${ansiSpans(printed).map(({ text, classes }) => (classes === '' ? html`${text}` : html`<span class="${classes}">${text}</span>`))}</pre>`}
    ${startForm(dry)}
  </article>`
}

/** A refused act that has no page of its own. */
export function refusedPage(title: string, problem: string, back: string): Markup {
  return html`<article class="run">
    <div class="lead"><h1>${title}</h1></div>
    <p class="problem" role="alert">${sentence(problem)}</p>
    <p><a class="button" href="${back}">Back</a></p>
  </article>`
}
