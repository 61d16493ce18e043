import type { StepState } from '../journal/fold.ts'
import { formatDuration } from '../model/duration.ts'
import { elementName } from '../model/kind-spec.ts'
import type { PlannedStep } from '../model/plan.ts'
import { chart } from './chart.ts'
import { difference, hunks } from './difference.ts'
import { evidence } from './evidence.ts'
import { html } from './html.ts'
import type { Markup } from './html.ts'
import type { Around } from './links.ts'
import { outputsOf, recordingsOf, unboundOutputs } from './output.ts'
import { moodSign, outcome, output, recording, sign } from './parts.ts'
import { durationOf, inputsOf, runWords } from './record.ts'
import type { ReadableRun } from './record.ts'
import { samplesOf } from '../journal/story/series.ts'
import { standing } from './standing.ts'
import { clock, shortTime } from './time.ts'
import { timeline } from './timeline.ts'

/** The page of one run, without what is around it on a site: the same for a build and for `runbook serve`. */
export function runPage(found: ReadableRun, around: Around): Markup {
  const { run, plan, state } = found
  return html`<article
    class="run"
    data-pagefind-body
    data-pagefind-filter="Page:Run"
    data-run="${run}"
    ${state.endedAt === undefined && html` data-open`}
  >
    ${lead(found, around)}
    <section aria-labelledby="steps">
      <h2 id="steps">Steps</h2>
      <ol class="run-steps">
        ${plan.steps.map((step) => stepItem(step, found, around))}
      </ol>
    </section>
    ${moments(found)} ${evidence(found, around)} ${documentThen(found, around)}
  </article>`
}

function lead(found: ReadableRun, around: Around): Markup {
  const { run, state } = found
  const { links, today } = around
  const [words, mood] = runWords[state.status]
  const took = durationOf(state)
  const proof = standing(found)
  const inputs = inputsOf(found)
  return html`<div class="lead">
    <p class="eyebrow">Run <code>${run}</code></p>
    <h1>${today ? html`<a href="${links.runbook(state.slug)}">${state.title}</a>` : state.title}</h1>
    <p class="outcome ${mood}">
      <span class="badge ${mood}">${moodSign(mood)} ${words}</span
      >${state.practice && html` <span class="badge warn">practice</span>`} ${state.message}
    </p>
    <ul class="facts-line">
      <li>By <b>${state.actor.id}</b> on ${state.actor.host}</li>
      <li>
        Started <b><time datetime="${state.startedAt}">${shortTime(state.startedAt)}</time></b>
      </li>
      ${took !== undefined && html`<li>Took <b>${formatDuration(took)}</b></li>`}
      <li>
        Evidence
        <a class="badge ${proof.mood}" href="#evidence" data-proof>${moodSign(proof.mood)} ${proof.words}</a>
      </li>
      <li>
        Document
        <code title="${state.documentSha256}">${state.documentSha256.slice(0, 12)}</code
        >${today && today.sha256 !== state.documentSha256 && html`<span class="badge warn">older text than today's</span>`}
      </li>
      <li><a href="${links.checklist(run)}">Checklist to file</a></li>
    </ul>
    ${
      inputs.length > 0 &&
      html`<dl class="facts">
        ${inputs.map(
          ([name, value]) =>
            html`<div>
              <dt>${name}</dt>
              <dd>${value}</dd>
            </div>`,
        )}
      </dl>`
    }
  </div>`
}

function stepItem(step: PlannedStep, { run, folder, events, state }: ReadableRun, around: Around): Markup {
  const reached = state.steps.get(step.id)
  const status = reached?.status ?? 'pending'
  const { links, today } = around
  const printed = [
    ...outputsOf(folder, step.id, events),
    ...(state.endedAt === undefined ? unboundOutputs(folder, step.id, events) : []),
  ]
  return html`<li id="${step.id}" data-status="${status}">
    <p class="run-step">
      ${sign(status)}
      ${today?.anchors.has(step.id) ? html`<a href="${links.runbook(state.slug, step.id)}">${step.title}</a>` : html`<b>${step.title}</b>`}
      <span class="muted">${facts(step, reached)}</span>
    </p>
    ${reached && outcome(step, reached)} ${samplesOf(step.id, events).map(chart)}
    ${recordingsOf(step.id, events).map((file) => recording(file, run, links))}
    ${printed.map((one) => output(one, run, links))}
  </li>`
}

function facts(step: PlannedStep, reached: StepState | undefined): string {
  const ms = reached && durationOf(reached)
  const attempts = reached?.attempts ?? 0
  return [
    elementName(step.kind),
    reached?.status ?? 'pending',
    ...(ms === undefined ? [] : [formatDuration(ms)]),
    ...(attempts > 1 ? [`${attempts} attempts`] : []),
  ].join(' · ')
}

function moments({ events, state }: ReadableRun): Markup {
  return html`<section aria-labelledby="timeline" data-pagefind-ignore>
    <h2 id="timeline">Timeline</h2>
    <ol class="timeline">
      ${timeline(events, state.steps).map(
        ({ at, what, step, message, who, via }) =>
          html`<li>
            <time datetime="${at}">${clock(at)}</time>
            <span
              ><b>${what}</b
              >${step !== undefined && html` <a href="#${step}">${step}</a>`}${message !== '' && `: ${message}`}</span
            >
            ${via !== 'runner' && html`<span class="muted">${who} · ${via}</span>`}
          </li>`,
      )}
    </ol>
  </section>`
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
        const status = step && (state.steps.get(step.id)?.status ?? 'pending')
        return html`${step && html`<p class="run-step passage" data-status="${status}">${sign(status ?? '')}<b>${step.title}</b> <span class="muted">${status}</span></p>`}
          <pre class="code" tabindex="0">${text}</pre>`
      })}
    </details>
  </section>`
}

function changes(then: string, now: string | undefined): Markup {
  if (now === undefined) return html`<p>The runbook is no longer in the content folder.</p>`
  if (now === then) return html`<p>It is the same as today's.</p>`
  const lines = hunks(difference(then, now))
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
