import type { LoadedKinds } from '../kinds/index.ts'
import type { Result } from '../kinds/kind.ts'
import { attributeParams } from '../kinds/attribute-params.ts'
import type { StepState } from '../journal/fold.ts'
import type { StoryStep } from '../journal/story/story.ts'
import type { PlannedStep } from '../model/plan.ts'
import type { View } from '../model/view.ts'
import { ansiSpans } from '../model/text/ansi.ts'
import type { Span } from '../model/text/ansi.ts'
import { html } from './markup.ts'
import type { Markup } from './markup.ts'
import type { Links } from './run-addresses.ts'
import { marked, sentence } from './page-text.ts'
import { cutMark } from './step-output.ts'
import type { StepOutput } from './step-output.ts'
import { counted } from '../model/counted.ts'

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

/** Draws a kind's view nodes; knows the nodes and no kind by name. */
function drawView(view: View): Markup {
  switch (view.type) {
    case 'text':
      return html`<p>${sentence(view.text)}</p>`
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
        ${view.items.map((item) => html`<li>${sentence(item)}</li>`)}
      </ul>`
    case 'link':
      return /^(https?:|\/|#)/.test(view.href)
        ? html`<p><a href="${view.href}">${view.text}</a></p>`
        : html`<p>${view.text} ${view.href}</p>`
    default:
      return html`<p class="status ${view.ok ? 'good' : 'bad'}">
        ${view.ok ? '✓' : '✕'} ${sentence(view.text)}
      </p>`
  }
}

function code(text: string): Markup {
  return html`<pre class="code" tabindex="0">${marked(text)}</pre>`
}

function open(isOpen: boolean): Markup {
  return isOpen ? html` open` : html``
}

/** The outcome of a step. The metrics of a gate are not listed where its charts show them. */
export function outcome(
  step: PlannedStep,
  reached: StepState,
  { message, samples }: Pick<StoryStep, 'message' | 'samples'>,
  kinds: LoadedKinds,
): Markup {
  const { result, status, undo } = reached
  const hasBegun = result !== undefined && result['status'] !== 'not-started'
  const views = (hasBegun ? viewsOf(step, result as Result, kinds) : []).filter(
    ({ type }) => type !== 'list' || samples.length === 0,
  )
  // A person's word may have settled what the last attempt left open.
  const settled = status === 'passed' && result !== undefined && result['status'] !== 'passed'
  return html`${views.map(drawView)}${
    (views.length === 0 || settled) && message !== '' && html`<p class="status">${sentence(message)}</p>`
  }${undo && html`<p class="status ${undo.status === 'failed' && 'bad'}">${undoWords[undo.status]}${undo.message && html`: ${sentence(undo.message)}`}</p>`}`
}

const undoWords = { running: 'Undo running', done: 'Undone', failed: 'Undo failed' }

/** A journal of another version may hold what today's kind cannot draw: the sentence of the result is always there. */
function viewsOf(step: PlannedStep, result: Result, kinds: LoadedKinds): View[] {
  try {
    const kind = kinds.named(step.kind)
    return kind.view(attributeParams(kind.params.shape, step.attributes), step, result)
  } catch {
    return [{ type: 'text', text: result.message }]
  }
}

const shortLines = 12

/** A browser drops the first one of a `pre`, which may be the text's own. */
const newline = '\n'

/** The output of a step: with its colors, collapsed when long, and complete in a file beside the page. */
export function output(printed: StepOutput, run: string, links: Links | undefined): Markup {
  const lines = printed.text.trimEnd().split('\n').length
  const spans = ansiSpans(printed.text.replace(/\n$/, ''))
  const size = printed.left > 0 ? `cut: ${printed.left} bytes left out of the middle` : counted(lines, 'line')
  const bound = printed.file !== '' && !printed.missing
  const isNumbered = bound && lines > shortLines
  return html`<details class="aside output" data-output="${printed.file}" ${open(lines <= shortLines)}>
    <summary>
      ${printed.stream}<span class="muted">
        ${size}${isNumbered && ', without a time for each'}${!bound && !printed.missing && ', not in the journal yet'}</span
      >
    </summary>
    ${
      isNumbered
        ? html`<pre class="code numbered" tabindex="0">${newline}${numbered(spans, printed)}</pre>`
        : html`<pre class="code" tabindex="0">${newline}${spans.map(drawSpan)}</pre>`
    }
    ${bound && printed.left > 0 && html`<p class="muted">The whole of it is in ${links ? html`<a href="${links.evidence(run, printed.file)}">${printed.file}</a>` : html`<code>${printed.file}</code>`}.</p>`}
  </details>`
}

function drawSpan({ text, classes }: Span): Markup {
  return classes === '' ? html`${marked(text)}` : html`<span class="${classes}">${marked(text)}</span>`
}

/** Lines with an address each, so that a person can point another to one. Behind a cut their numbers are unknown. */
function numbered(spans: readonly Span[], { file, left }: StepOutput): Markup[] {
  const base = file.replace(/^steps\//, '')
  const lines: Span[][] = [[]]
  for (const { text, classes } of spans)
    for (const [at, part] of text.split('\n').entries()) {
      if (at > 0) lines.push([])
      if (part !== '') lines.at(-1)?.push({ text: part, classes })
    }
  const cut = left > 0 ? lines.findIndex(([first]) => first?.text.startsWith(cutMark(left))) : -1
  return lines.map((line, at) => {
    const end = at < lines.length - 1 ? '\n' : ''
    if (cut >= 0 && at >= cut) return html`${line.map(drawSpan)}${end}`
    const id = `${base}:${at + 1}`
    const number = html`<a href="#${id}" tabindex="-1" aria-label="Line ${at + 1}"></a>`
    return html`<span id="${id}" class="line">${number}${line.map(drawSpan)}</span>${end}`
  })
}

/** The way to see a step's terminal again; what it printed stands as text below, for readers without scripts. */
export function recording(file: string, run: string, links: Links | undefined): Markup {
  if (!links) return html`<p class="muted">The recording of the terminal is in <code>${file}</code>.</p>`
  const address = links.evidence(run, file)
  return html`<div class="replay" data-replay="${address}">
    <button class="needs-js">Replay the terminal</button> <a class="muted" href="${address}">recording</a>
  </div>`
}
