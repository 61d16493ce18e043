import { notProven, proven, unsignedMeans } from '../journal/export/statement.ts'
import type { Moment } from '../journal/story/story-moment.ts'
import type { StoryStep } from '../journal/story/story.ts'
import { checkList, signatureTable, signersNote } from './evidence-section.ts'
import type { ReadableRun } from './readable-run.ts'
import { html } from './markup.ts'
import type { Markup } from './markup.ts'
import type { Around } from './run-addresses.ts'
import { sentence } from './page-text.ts'
import { dayAndClock, shortTime } from './page-time.ts'
import { runFacts, runHead } from './run-head.ts'
import { standing } from './standing.ts'
import { counted } from '../model/counted.ts'

/** One page an auditor can print and file: every step, its outcome, who, when, the digests, and what it all proves. */
export function checklistPage(readable: ReadableRun, around: Around): Markup {
  const { state, signatures, verification, signers, head, story } = readable
  const proof = standing(readable)
  const over = state.endedAt !== undefined
  const ofRun = story.decisions.filter(({ step }) => step === undefined)
  return html`<article class="checklist" data-pagefind-ignore>
    ${runHead(readable, around, 'checklist')} ${runFacts(readable, around, 'checklist')}
    <table class="filed">
      <thead>
        <tr>
          <th>#</th>
          <th>Step</th>
          <th>Outcome</th>
          <th>Who</th>
          <th>When (UTC)</th>
        </tr>
      </thead>
      <tbody>
        ${story.steps.map(stepRows)}
      </tbody>
    </table>
    ${
      ofRun.length > 0 &&
      html`<h2>Decisions and exceptions of the run</h2>
        <ul>
          ${ofRun.map((moment) => html`<li>${decisionLine(moment)}</li>`)}
        </ul>`
    }
    <h2>Signatures</h2>
    ${signatureTable(signatures, over)} ${signersNote(signers)}
    <h2>Checks</h2>
    ${checkList(proof.checks)}
    <p class="muted">Checked at ${shortTime(around.checkedAt)}.</p>
    <dl class="digests">
      ${digest('Document', state.documentSha256)}${digest('Plan', state.planSha256)}${head && digest(`Journal, ${counted(head.size, 'event')}`, head.sha256)}
    </dl>
    <h2>What is proven when every check holds</h2>
    <ul>
      ${proven.map((one) => html`<li>${sentence(one)}</li>`)}
    </ul>
    ${verification?.signed !== true && html`<p>${sentence(unsignedMeans)}</p>`}
    <h2>What is not proven</h2>
    <ul>
      ${notProven.map((one) => html`<li>${sentence(one)}</li>`)}
    </ul>
    <dl class="filing">
      <div>
        <dt>Reviewed by</dt>
        <dd></dd>
      </div>
      <div>
        <dt>Date</dt>
        <dd></dd>
      </div>
      <div>
        <dt>Signature</dt>
        <dd></dd>
      </div>
    </dl>
  </article>`
}

function digest(name: string, value: string): Markup {
  return html`<div>
    <dt>${name}</dt>
    <dd><code>${value}</code></dd>
  </div>`
}

/** A step's line, and one below it for its decisions and the digests of what it printed. */
function stepRows({
  number,
  id,
  title,
  status,
  words,
  message,
  endedAt,
  startedAt,
  moments,
  decisions,
  files,
}: StoryStep): Markup {
  const at = endedAt ?? startedAt ?? moments.at(-1)?.at
  const people = [...new Set(moments.map(({ by }) => by.id))].join(', ')
  return html`<tr data-status="${status}">
      <td>${number}</td>
      <td>${title}<br /><code>${id}</code></td>
      <td><b>${words}</b>${message !== '' && html`<br />${sentence(message)}`}</td>
      <td class="${people === '' && 'none'}">${people || '–'}</td>
      <td class="${at === undefined && 'none'}">
        ${at === undefined ? '–' : html`<time datetime="${at}">${dayAndClock(at)}</time>`}
      </td>
    </tr>
    ${
      decisions.length + files.length > 0 &&
      html`<tr class="proof">
        <td></td>
        <td colspan="4">
          ${decisions.map((moment) => html`<div>${decisionLine(moment)}</div>`)}${files.map(({ file, sha256 }) => html`<div><span>${file}</span> <code>${sha256}</code></div>`)}
        </td>
      </tr>`
    }`
}

function decisionLine({ at, by, identity, what, detail }: Moment): Markup {
  return html`${dayAndClock(at)} ${by.id}${identity !== '' && html`, ${sentence(identity)}`}:
  ${sentence(what)}${detail !== '' && html`: ${sentence(detail)}`}`
}
