import { agentOf } from '../model/people/agents.ts'
import { formatDuration } from '../model/values/duration.ts'
import type { Story, StoryInput } from '../journal/story/story.ts'
import type { ReadableRun } from './readable-run.ts'
import { html } from './markup.ts'
import type { Markup } from './markup.ts'
import type { Around } from './run-addresses.ts'
import { sentence } from './page-text.ts'
import { shortTime } from './page-time.ts'
import { standing } from './standing.ts'
import { badge, toneClass, toneSign } from './tone-badge.ts'

/** The head of every document of a run: what it was, and how it stands. */
export function runHead({ story }: ReadableRun, { links, today }: Around, document?: 'checklist'): Markup {
  const { head } = story
  const { run } = head
  return html`<div class="lead">
    <p class="eyebrow">
      ${document === undefined || !links ? html`Run <code>${run}</code>` : html`<a href="${links.run(run)}">Run <code>${run}</code></a>`}
    </p>
    <h1>
      ${links && today ? html`<a href="${links.runbook(head.slug)}">${head.title}</a>` : head.title}${document !== undefined && `: ${document}`}
    </h1>
    ${outcomeLine(story)}
  </div>`
}

/** Who ran it, when, from which document, how its evidence stands, and its inputs. */
export function runFacts(readable: ReadableRun, { links, today }: Around, document?: 'checklist'): Markup {
  const { head } = readable.story
  const { run, by, startedAt, endedAt, ms, documentSha256 } = head
  const agent = agentOf(by)
  const proof = standing(readable)
  const proofWords = `${toneSign(proof.tone)} ${proof.words}`
  return html`<ul class="facts-line">
      <li>By <b>${by.id}</b>${agent !== undefined && html`, through the agent ${agent},`} on ${by.host}</li>
      <li>
        Started <b><time datetime="${startedAt}">${shortTime(startedAt)}</time></b>
      </li>
      <li>
        ${endedAt === undefined ? 'Not ended' : html`Ended <b><time datetime="${endedAt}">${shortTime(endedAt)}</time></b>`}
      </li>
      ${ms !== undefined && html`<li>Took <b>${formatDuration(ms)}</b></li>`}
      <li>
        Evidence
        ${
          document === undefined
            ? html`<a class="badge ${toneClass(proof.tone)}" href="#evidence" data-proof>${proofWords}</a>`
            : html`<b>${proofWords}</b>`
        }
      </li>
      <li>
        Document
        <code title="${documentSha256}">${documentSha256.slice(0, 12)}</code
        >${today && today.sha256 !== documentSha256 && html` <span class="badge warn">older text than today's</span>`}
      </li>
      ${links && document === undefined && html`<li><a href="${links.checklist(run)}">Checklist to file</a></li>`}
    </ul>
    ${document === undefined ? foldedInputs(head.inputs) : inputList(head.inputs)}`
}

/** Inputs that are shown without a fold. */
const mostOpen = 3

/** The first inputs that have a value, and a fold with the others, which a wide page shows open. */
function foldedInputs(inputs: readonly StoryInput[]): Markup | undefined {
  const open = new Set(inputs.filter(({ value }) => value !== '').slice(0, mostOpen))
  const folded = inputs.filter((one) => !open.has(one))
  if (folded.length < 2) return inputList(inputs)
  return html`${inputList([...open])}
    <details class="aside more-inputs" data-wide="62">
      <summary>
        ${folded.length} more inputs <span class="muted">${folded.map(({ name }) => name).join(', ')}</span>
      </summary>
      ${inputList(folded)}
    </details>`
}

/** How the run stands, why, and who may decide what it waits for. */
function outcomeLine({ head, steps }: Story): Markup {
  const { words, tone, message, practice, waiting, endedAt } = head
  const now =
    endedAt === undefined && message === '' ? steps.filter(({ status }) => status === 'running') : []
  return html`<p class="outcome ${toneClass(tone)}">
      ${badge(tone, words)}${practice && html` <span class="badge warn">practice</span>`}
      ${sentence(message)}${now.map(({ number, title }) => `${number} ${title}`)}
    </p>
    ${
      waiting &&
      waiting.mayDecide.length > 0 &&
      html`<p class="waiting">
        ${waiting.mayDecide.join(', ')} may
        decide${waiting.until !== undefined && html` until <time datetime="${waiting.until}">${shortTime(waiting.until)}</time>`}.
      </p>`
    }`
}

/** The inputs with their values; a secret has none. */
export function inputList(inputs: readonly StoryInput[]): Markup | undefined {
  if (inputs.length === 0) return undefined
  return html`<dl class="facts inputs">
    ${inputs.map(
      ({ name, value }) =>
        html`<div>
          <dt>${name}</dt>
          <dd>${value === '' ? html`<span class="muted">empty</span>` : (value ?? '••••• (secret)')}</dd>
        </div>`,
    )}
  </dl>`
}
