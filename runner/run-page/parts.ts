import { kindNamed } from '../kinds/all.ts'
import type { Result } from '../kinds/kind.ts'
import { writtenParams } from '../kinds/written-params.ts'
import type { StepState } from '../journal/fold.ts'
import { asText, isRecord } from '../model/json.ts'
import type { JsonObject } from '../model/json.ts'
import type { PlannedStep } from '../model/plan.ts'
import type { View } from '../model/view.ts'
import { ansiSpans } from './ansi.ts'
import { html } from './html.ts'
import type { Markup } from './html.ts'
import type { Links } from './links.ts'
import type { Output } from './output.ts'

const signs: Record<string, string> = {
  passed: '✓',
  failed: '✕',
  stopped: '✕',
  skipped: '→',
  undone: '↶',
  unknown: '?',
  running: '…',
  waiting: '…',
}

/** The sign of a step's status. It never stands without the word. */
export function sign(status: string): Markup {
  return html`<span class="sign" aria-hidden="true">${signs[status] ?? '·'}</span>`
}

export function moodSign(mood: 'good' | 'bad' | 'open'): string {
  return { good: '✓', bad: '✕', open: '…' }[mood]
}

/** Draws a kind's view nodes; knows the nodes and no kind by name. */
function drawView(view: View): Markup {
  switch (view.type) {
    case 'text':
      return html`<p>${view.text}</p>`
    case 'code':
      return view.label
        ? html`<details class="aside" ${open(view.code.split('\n').length <= 8)}>
            <summary>${view.label}</summary>
            ${code(view.code)}
          </details>`
        : code(view.code)
    case 'field':
      return html`<p class="field"><span>${view.name}</span> ${view.value}</p>`
    case 'list':
      return html`<ul>
        ${view.items.map((item) => html`<li>${item}</li>`)}
      </ul>`
    case 'link':
      return /^(https?:|\/|#)/.test(view.href)
        ? html`<p><a href="${view.href}">${view.text}</a></p>`
        : html`<p>${view.text} ${view.href}</p>`
    default:
      return html`<p class="status ${view.ok ? 'good' : 'bad'}">${view.ok ? '✓' : '✕'} ${view.text}</p>`
  }
}

function code(text: string): Markup {
  return html`<pre class="code" tabindex="0">${marked(text)}</pre>`
}

function open(isOpen: boolean): Markup {
  return isOpen ? html` open` : html``
}

/** Text in which the places of secrets can be seen. */
function marked(text: string): Markup[] {
  return text
    .split(/(\[redacted(?::[^\]\n]{1,64})?\])/)
    .map((part, at) =>
      at % 2 === 0
        ? html`${part}`
        : html`<mark class="redacted" title="A secret stood here; it was never written">${part}</mark>`,
    )
}

/** What a step came to, with the answers people gave. */
export function outcome(step: PlannedStep, reached: StepState): Markup {
  const views = reached.result ? viewsOf(step, reached.result as Result) : []
  const { undo } = reached
  return html`${views.map(drawView)}${
    views.length === 0 &&
    reached.message !== undefined &&
    html`<p class="status">${marked(reached.message)}</p>`
  }${answers(reached)}${undo && html`<p class="status">Undo ${undo.status}${undo.message && `: ${undo.message}`}</p>`}`
}

/** A journal of another version may hold what today's kind cannot draw: the sentence of the result is always there. */
function viewsOf(step: PlannedStep, result: Result): View[] {
  try {
    const kind = kindNamed(step.kind)
    return kind.view(writtenParams(kind.params.shape, step.attributes), step, result)
  } catch {
    return [{ type: 'text', text: result.message }]
  }
}

function answers(reached: StepState): Markup | undefined {
  const data = reached.result?.['data'] as JsonObject | undefined
  const given = ['decisions', 'tasks'].flatMap((key) => {
    const listed = data?.[key]
    return Array.isArray(listed) ? listed.filter((one): one is JsonObject => isRecord(one)) : []
  })
  if (given.length === 0) return undefined
  return html`<ul class="answers">
    ${given.map(answer)}
  </ul>`
}

function answer(given: JsonObject): Markup {
  const text = (name: string): string => (typeof given[name] === 'string' ? given[name] : '')
  const by = given['by'] as JsonObject | undefined
  const words = [text('text'), text('decision') || text('answer')].filter((part) => part !== '').join(': ')
  const note = text('reason') || text('note')
  return html`<li>
    ${words}${by && html` <span class="muted">${asText(by['id'])}</span>`}${note !== '' && html`<q>${note}</q>`}
  </li>`
}

const shortLines = 12

/** What a step printed: with its colors, collapsed when long, and the whole of it in a file beside the page. */
export function output(printed: Output, run: string, links: Links): Markup {
  const lines = printed.text.trimEnd().split('\n').length
  const spans = ansiSpans(printed.text.replace(/\n$/, ''))
  const size =
    printed.left > 0
      ? `cut: ${printed.left} bytes left out of the middle`
      : `${lines} ${lines === 1 ? 'line' : 'lines'}`
  const bound = printed.file !== '' && !printed.missing
  return html`<details class="aside output" data-output="${printed.file}" ${open(lines <= shortLines)}>
    <summary>
      ${printed.stream}<span class="muted">
        ${size}${!bound && !printed.missing && ', not in the journal yet'}</span
      >
    </summary>
    <pre class="code" tabindex="0">
${spans.map(({ text, classes }) => (classes === '' ? marked(text) : html`<span class="${classes}">${marked(text)}</span>`))}</pre>
    ${bound && printed.left > 0 && html`<p class="muted">The whole of it is in <a href="${links.evidence(run, printed.file)}">${printed.file}</a>.</p>`}
  </details>`
}

/** The way to see a step's terminal again; what it printed stands as text below, for readers without scripts. */
export function recording(file: string, run: string, links: Links): Markup {
  const address = links.evidence(run, file)
  return html`<div class="replay" data-replay="${address}">
    <button class="needs-js">Replay the terminal</button> <a class="muted" href="${address}">recording</a>
  </div>`
}
