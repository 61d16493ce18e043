import type { StoryStep } from '../journal/story/story.ts'
import { formatDuration } from '../model/values/duration.ts'
import { elementName } from '../model/steps/kind-spec.ts'
import { chart } from './gate-chart.ts'
import { html } from './markup.ts'
import type { Markup } from './markup.ts'
import { stepDecisions } from './moments.ts'
import type { ReadableRun } from './readable-run.ts'
import type { Around } from './run-addresses.ts'
import { outputsOf, recordingsOf, unboundOutputs } from './step-output.ts'
import { outcome, output, recording, sign } from './step-parts.ts'

/** The phases and numbered steps of a run, with how each stands: the way around its page. */
export function stepNav({ state, story: { steps } }: ReadableRun): Markup {
  const isNow = (status: string): boolean =>
    state.endedAt === undefined && (status === 'running' || status === 'waiting')
  const phases = Map.groupBy(steps, ({ phase }) => phase ?? '')
  return html`<nav class="run-nav" aria-label="Steps" data-part="nav">
    ${[...phases].map(
      ([phase, own]) =>
        html`${phase !== '' && html`<p class="phase">${phase}</p>`}
          <ol>
            ${own.map(
              ({ id, number, title, status, words, ms }) =>
                html`<li data-status="${status}">
                  <a href="#${id}" ${isNow(status) && html` aria-current="step"`}
                    >${sign(status)}<span class="name">${number} ${title}</span
                    ><span class="took"
                      >${ms === undefined ? html`<span class="sr">${words}</span>` : html`<span class="sr">${words}, </span>${formatDuration(ms)}`}</span
                    ></a
                  >
                </li>`,
            )}
          </ol>`,
    )}
  </nav>`
}

/** Every step in the order of the document: what went well is folded, what did not is open. */
export function stepList(readable: ReadableRun, around: Around): Markup {
  return html`<section aria-labelledby="steps">
    <h2 id="steps">Steps</h2>
    <ol class="run-steps">
      ${readable.story.steps.map((step) => stepItem(step, readable, around))}
    </ol>
  </section>`
}

/** Statuses that need no look. */
const quiet = new Set(['passed', 'skipped', 'undone', 'pending'])

function stepItem(told: StoryStep, readable: ReadableRun, around: Around): Markup {
  const { number, id, title, status } = told
  const body = stepBody(told, readable, around)
  const line = html`${sign(status)}<b>${number} ${title}</b>
    <span class="muted">${facts(told)}</span
    >${told.ms !== undefined && html` <span class="took">${formatDuration(told.ms)}</span>`}`
  return html`<li id="${id}" data-status="${status}" data-part="step ${id}">
    ${
      body === undefined
        ? html`<p class="run-step">${line}</p>`
        : html`<details class="step" ${!quiet.has(status) && html` open`}>
            <summary class="run-step">${line}</summary>
            ${body}
          </details>`
    }
  </li>`
}

/** Undefined for a step about which there is nothing to say yet. */
function stepBody(
  { id, message, decisions, samples, status }: StoryStep,
  { run, folder, plan, events, state }: ReadableRun,
  { kinds, links, today }: Around,
): Markup | undefined {
  const step = plan.steps.find((one) => one.id === id)
  const reached = state.steps.get(id)
  const printed = [
    ...outputsOf(folder, id, events),
    ...(state.endedAt === undefined ? unboundOutputs(folder, id, events) : []),
  ]
  const isEmpty = printed.length + decisions.length + samples.length === 0
  if (status === 'pending' && isEmpty) return undefined
  return html`${step && reached && outcome(step, reached, { message, samples }, kinds)}
  ${stepDecisions(decisions)} ${samples.map(chart)}
  ${recordingsOf(id, events).map((file) => recording(file, run, links))}
  ${printed.map((one) => output(one, run, links))}
  ${links && today?.anchors.has(id) && html`<p class="muted"><a href="${links.runbook(state.slug, id)}">In the runbook</a></p>`}`
}

function facts({ kind, words, attempts }: StoryStep): string {
  return [elementName(kind), words, ...(attempts > 1 ? [`${attempts} attempts`] : [])].join(' · ')
}
