import { stepStatusWords } from '../journal/story/tone.ts'
import type { PlannedStep } from '../model/plan.ts'
import { difference } from './difference.ts'
import { evidence } from './evidence-section.ts'
import { html } from './markup.ts'
import type { Markup } from './markup.ts'
import type { Around } from './run-addresses.ts'
import { sign } from './step-parts.ts'
import type { ReadableRun } from './readable-run.ts'
import { questionCards } from './acting/question-card.ts'
import { runControls, runnerGone } from './acting/run-controls.ts'
import { momentSections } from './moments.ts'
import { runFacts, runHead } from './run-head.ts'
import { stepList, stepNav } from './run-steps.ts'
import { waitingStory } from './waiting-story.ts'

/** The page of one run, without what is around it on a site: the same for a build and for `runbook serve`. */
export function runPage(recorded: ReadableRun, around: Around): Markup {
  const { acting } = around
  const readable = { ...recorded, story: waitingStory(recorded, acting?.question?.topic) }
  const { run, state, story } = readable
  const { words, message } = story.head
  // The seal of a run comes after its last event: a check in between would find that it is missing.
  const isOver = readable.verification?.ended ?? state.endedAt !== undefined
  return html`<article
    class="run"
    data-pagefind-body
    data-pagefind-filter="Page:Run"
    data-run="${run}"
    ${acting && html` data-page="${acting.page}"`}
    data-say="${words}${message === '' ? '' : `: ${message}`}"
    ${!isOver && html` data-open`}
  >
    <div data-part="head">${runHead(readable, around)}</div>
    ${acting && html`<div data-part="runner">${runnerGone(acting)}</div>`}
    ${acting && questionCards(acting, titleOf(readable))}
    <div data-part="facts">${runFacts(readable, around)}</div>
    ${acting && runControls(acting)}
    <div class="run-grid">
      ${stepNav(readable)}
      <div class="run-main">
        ${stepList(readable, around)}
        <div data-part="moments">${momentSections(story)}</div>
        <div data-part="evidence">${evidence(readable, around)}</div>
        ${documentThen(readable, around)}
      </div>
    </div>
  </article>`
}

function titleOf({ plan }: ReadableRun): (step: string) => string {
  return (step) => plan.steps.find(({ id }) => id === step)?.title ?? step
}

/** The text it ran, with what became of each step beside it, and what the runbook says differently today, where the page is among the runbooks. */
function documentThen({ document, plan, state }: ReadableRun, { links, today }: Around): Markup | undefined {
  if (document === undefined) return undefined
  return html`<section aria-labelledby="document" data-pagefind-ignore>
    <h2 id="document">The document as it was</h2>
    ${links !== undefined && changes(document, today?.text)}
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
