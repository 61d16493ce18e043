import { asText } from '../model/json.ts'
import type { Event } from '../journal/event.ts'
import { parseKey } from '../journal/event.ts'
import { namedFiles } from '../journal/evidence.ts'
import { notProven, proven, unsignedMeans } from '../journal/export/statement.ts'
import type { PlannedStep } from '../model/plan.ts'
import { signatureTable } from './evidence.ts'
import { html } from './html.ts'
import type { Markup } from './html.ts'
import type { Around } from './links.ts'
import { moodSign } from './parts.ts'
import { inputsOf, runWords } from './record.ts'
import type { ReadableRun } from './record.ts'
import { standing } from './standing.ts'
import { shortTime } from './time.ts'

/** One page an auditor can print and file: every step, its outcome, who, when, the digests, and what it all proves. */
export function checklistPage(found: ReadableRun, { links, checkedAt }: Around): Markup {
  const { run, plan, state, signatures, verification, signers, head } = found
  const [words, mood] = runWords[state.status]
  const proof = standing(found)
  const over = state.endedAt !== undefined
  return html`<article class="checklist" data-pagefind-ignore>
    <p class="eyebrow">
      <a href="${links.run(run)}">Run <code>${run}</code></a>
    </p>
    <h1>${state.title}: checklist</h1>
    <dl class="facts">
      ${fact('Outcome', html`<b>${moodSign(mood)} ${words}</b>${state.practice && ' (practice)'}`)}
      ${fact('Run by', `${state.actor.id} on ${state.actor.host}`)}
      ${fact('Started', shortTime(state.startedAt))}
      ${fact('Ended', over ? shortTime(state.endedAt ?? '') : 'not yet')}
      ${fact('Evidence', html`<b>${moodSign(proof.mood)} ${proof.words}</b>, checked ${shortTime(checkedAt)}`)}
      ${fact(
        'Inputs',
        inputsOf(found)
          .map(([name, value]) => `${name}=${value}`)
          .join(', ') || 'none',
      )}
    </dl>
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
        ${plan.steps.map((step) => stepRows(step, found))}
      </tbody>
    </table>
    <h2>Signatures</h2>
    ${signatureTable(signatures, over)}
    <p class="muted">
      ${signers === 'none' ? 'There is no list of allowed signers here, so no signature was judged.' : `Judged with ssh-keygen, by ${signers}.`}
    </p>
    <h2>Checks</h2>
    <ul class="checks">
      ${proof.checks.map(({ name, status, message }) => html`<li data-check="${status}"><b>${{ ok: '✓', failed: '✕', unproven: '?' }[status]} ${name}</b> ${message}</li>`)}
    </ul>
    <dl class="digests">
      ${digest('Document', state.documentSha256)}${digest('Plan', state.planSha256)}${head && digest(`Journal, ${head.size} events`, head.sha256)}
    </dl>
    <h2>What is proven when every check holds</h2>
    <ul>
      ${proven.map((sentence) => html`<li>${inline(sentence)}</li>`)}
    </ul>
    ${verification?.signed !== true && html`<p>${inline(unsignedMeans)}</p>`}
    <h2>What is not proven</h2>
    <ul>
      ${notProven.map((sentence) => html`<li>${inline(sentence)}</li>`)}
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

function fact(name: string, value: string | Markup): Markup {
  return html`<div>
    <dt>${name}</dt>
    <dd>${value}</dd>
  </div>`
}

function digest(name: string, value: string): Markup {
  return html`<div>
    <dt>${name}</dt>
    <dd><code>${value}</code></dd>
  </div>`
}

/** A step's line, and one below it for its people's words and the digests of what it printed. */
function stepRows(step: PlannedStep, { events, state }: ReadableRun): Markup {
  const mine = events.filter(({ key }) => parseKey(key).step === step.id)
  const reached = state.steps.get(step.id)
  const status = reached?.status ?? 'pending'
  const at = reached?.endedAt ?? reached?.startedAt ?? mine.at(-1)?.ts
  const people = [...new Set(mine.map(({ actor }) => actor.id))].join(', ')
  const said = mine.flatMap(decision)
  const files = namedFiles(mine)
  return html`<tr data-status="${status}">
      <td>${step.number}</td>
      <td>${step.title}<br /><code>${step.id}</code></td>
      <td><b>${status}</b>${reached?.message !== undefined && html`<br />${reached.message}`}</td>
      <td>${people || '–'}</td>
      <td>
        ${at === undefined ? '–' : html`<time datetime="${at}">${at.slice(0, 19).replace('T', ' ')}</time>`}
      </td>
    </tr>
    ${
      said.length + files.length > 0 &&
      html`<tr class="proof">
        <td></td>
        <td colspan="4">
          ${said.map((line) => html`<div>${line}</div>`)}${files.map(({ file, sha256 }) => html`<div><span>${file}</span> <code>${sha256}</code></div>`)}
        </td>
      </tr>`
    }`
}

const said: Partial<Record<Event['type'], string>> = {
  'approval-given': 'approved',
  'approval-rejected': 'rejected',
  'task-ticked': 'answered',
  'step-confirmed': 'let it run',
  'word-confirmed': 'confirmed',
  'outcome-resolved': 'settled the outcome',
}

function decision({ type, actor, ts, data }: Event): string[] {
  const verb = said[type]
  if (verb === undefined) return []
  const words = [data['text'], data['answer'], data['reason'], data['note']]
    .map(asText)
    .filter((word) => word !== '' && word !== 'go' && word !== 'run')
  return [
    `${ts.slice(0, 19).replace('T', ' ')} ${actor.id} (${actor.via}) ${verb}${words.length > 0 ? `: ${words.join(', ')}` : ''}`,
  ]
}

/** The marks of the statement's sentences, bold and code. */
function inline(sentence: string): Markup[] {
  return sentence
    .split(/(\*\*[^*]+\*\*|`[^`]+`)/)
    .map((part) =>
      part.startsWith('**')
        ? html`<b>${part.slice(2, -2)}</b>`
        : part.startsWith('`')
          ? html`<code>${part.slice(1, -1)}</code>`
          : html`${part}`,
    )
}
