import { stepStatusWords } from '../journal/story/tone.ts'
import type { StoryStep } from '../journal/story/story.ts'
import { formatDuration } from '../model/values/duration.ts'
import { elementName } from '../model/steps/kind-spec.ts'
import type { PlannedStep } from '../model/plan.ts'
import { chart } from './gate-chart.ts'
import { difference } from './difference.ts'
import { evidence } from './evidence-section.ts'
import { html } from './markup.ts'
import type { Markup } from './markup.ts'
import type { Around } from './run-addresses.ts'
import { outputsOf, recordingsOf, unboundOutputs } from './step-output.ts'
import { outcome, output, recording, sign } from './step-parts.ts'
import type { ReadableRun } from './readable-run.ts'
import { momentSections, stepDecisions } from './moments.ts'
import { runHead } from './run-head.ts'

/** The page of one run, without what is around it on a site: the same for a build and for `runbook serve`. */
export function runPage(readable: ReadableRun, around: Around): Markup {
  const { run, state } = readable
  return html`<article
    class="run"
    data-pagefind-body
    data-pagefind-filter="Page:Run"
    data-run="${run}"
    ${state.endedAt === undefined && html` data-open`}
  >
    ${runHead(readable, around)}
    <section aria-labelledby="steps">
      <h2 id="steps">Steps</h2>
      <ol class="run-steps">
        ${readable.story.steps.map((step) => stepItem(step, readable, around))}
      </ol>
    </section>
    ${momentSections(readable.story)} ${evidence(readable, around)} ${documentThen(readable, around)}
  </article>`
}

function stepItem(
  told: StoryStep,
  { run, folder, plan, events, state }: ReadableRun,
  around: Around,
): Markup {
  const step = plan.steps.find(({ id }) => id === told.id)
  const reached = state.steps.get(told.id)
  const { id, title, status, message, decisions, samples } = told
  const { links, today } = around
  const printed = [
    ...outputsOf(folder, id, events),
    ...(state.endedAt === undefined ? unboundOutputs(folder, id, events) : []),
  ]
  return html`<li id="${id}" data-status="${status}">
    <p class="run-step">
      ${sign(status)}
      ${links && today?.anchors.has(id) ? html`<a href="${links.runbook(state.slug, id)}">${title}</a>` : html`<b>${title}</b>`}
      <span class="muted">${facts(told)}</span>
    </p>
    ${step && reached && outcome(step, reached, message, around.kinds)} ${stepDecisions(decisions)}
    ${samples.map(chart)} ${recordingsOf(id, events).map((file) => recording(file, run, links))}
    ${printed.map((one) => output(one, run, links))}
  </li>`
}

function facts({ kind, words, ms, attempts }: StoryStep): string {
  return [
    elementName(kind),
    words,
    ...(ms === undefined ? [] : [formatDuration(ms)]),
    ...(attempts > 1 ? [`${attempts} attempts`] : []),
  ].join(' · ')
}

/** The text it ran, with what became of each step beside it, and what the runbook says differently today. */
function documentThen({ document, plan, state }: ReadableRun, { today }: Around): Markup | undefined {
  if (document === undefined) return undefined
  return html`<section aria-labelledby="document" data-pagefind-ignore>
    <h2 id="document">The document as it was</h2>
    ${changes(document, today?.text)}
    <details class="aside">
      <summary>Full text, with each step's outcome</summary>
      ${passages(document, plan.steps).map(({ step, text }) => {
        const status = (step && state.steps.get(step.id)?.status) ?? 'pending'
        return html`${step && html`<p class="run-step passage" data-status="${status}">${sign(status)}<b>${step.title}</b> <span class="muted">${stepStatusWords[status][0]}</span></p>`}
          <pre class="code" tabindex="0">${text}</pre>`
      })}
    </details>
  </section>`
}

function changes(then: string, now: string | undefined): Markup {
  if (now === undefined) return html`<p>The runbook is no longer in the content folder.</p>`
  if (now === then) return html`<p>It is the same as today's.</p>`
  const lines = difference(then, now)
  return html`<details class="aside">
    <summary>What changed since</summary>
    <pre class="code diff" tabindex="0">
${lines.map((line) => {
  if (line === 'gap') return html`<span class="gap">⋯ </span>`
  const kind = { '+': 'came', '-': 'left', ' ': undefined }[line.sign]
  const text = `${line.sign} ${line.text}\n`
  return kind ? html`<span class="${kind}">${text}</span>` : text
})}</pre>
  </details>`
}

interface Passage {
  step: PlannedStep | undefined
  text: string
}

/** The document cut before the line of each of its own steps. */
function passages(document: string, steps: readonly PlannedStep[]): Passage[] {
  const lines = document.split('\n')
  const own = steps.filter(({ line }) => line >= 1 && line <= lines.length)
  const starts = [undefined, ...own]
  return starts.flatMap((step, at): Passage[] => {
    const text = lines.slice((step?.line ?? 1) - 1, (starts[at + 1]?.line ?? lines.length + 1) - 1).join('\n')
    return step === undefined && text.trim() === '' ? [] : [{ step, text: text.trimEnd() }]
  })
}
