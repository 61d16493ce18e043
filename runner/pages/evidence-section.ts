import { isSafeName, namedFiles } from '../journal/verify/evidence.ts'
import { sizeWithin } from '../journal/record/folder.ts'
import type { JudgedSignature } from '../journal/verify/rules/signatures.ts'
import { evidenceFiles, files } from '../journal/record/run-store.ts'
import { html } from './markup.ts'
import type { Markup } from './markup.ts'
import type { Around } from './run-addresses.ts'
import type { ReadableRun } from './readable-run.ts'
import { standing } from './standing.ts'
import type { Standing } from './standing.ts'
import { sentence } from './page-text.ts'
import { shortTime } from './page-time.ts'
import { badge } from './tone-badge.ts'

/** Files of a run's folder that are published beside its page, output apart. */
const published = [
  files.journal,
  files.plan,
  files.document,
  evidenceFiles.head,
  evidenceFiles.headSignature,
  evidenceFiles.closing,
  evidenceFiles.closingSignature,
  evidenceFiles.signers,
  evidenceFiles.revoked,
  evidenceFiles.timeStamp,
] as const

/** Every file that the page offers for checking, with its size in bytes; only those that are there. */
export function evidenceOf({
  folder,
  events,
}: Pick<ReadableRun, 'folder' | 'events'>): { file: string; bytes: number }[] {
  const named = namedFiles(events).map(({ file }) => file)
  return [...new Set([...published, ...named.filter(isSafeName)])].flatMap((file) => {
    const bytes = sizeWithin(folder, file)
    return bytes === undefined ? [] : [{ file, bytes }]
  })
}

/** The part of a run's page that says what its files prove. */
export function evidence(readable: ReadableRun, { links, checkedAt }: Around): Markup {
  const { run, state, signers } = readable
  const { tone, words, checks, later } = standing(readable)
  const held = checks.filter(({ status }) => status === 'ok').length
  const beside = evidenceOf(readable)
  const bytes = beside.reduce((sum, file) => sum + file.bytes, 0)
  const again =
    links &&
    html` data-verify="${links.evidence(run, '')}" data-index="${links.runs()}${evidenceFiles.index}"
    data-bytes="${bytes}" data-later="${later.join(' ')}"`
  return html`<section class="evidence" aria-labelledby="evidence" ${again}>
    <h2 id="evidence">Evidence</h2>
    <p>
      ${badge(tone, words)} ${held} of ${checks.length} checks held at
      <time datetime="${checkedAt}">${shortTime(checkedAt)}</time>, when this page was made.
      <code>runbook verify ${run}</code> makes them again.
    </p>
    ${
      links &&
      html`<p class="in-browser" role="status">
        Your browser has not checked it: that needs JavaScript and the files below.
      </p>`
    }
    <details class="aside" ${(tone === 'bad' || !links) && html` open`}>
      <summary>Every check, in words</summary>
      ${checkList(checks)}
    </details>
    <h3>Signatures</h3>
    ${signatureTable(readable.signatures, state.endedAt !== undefined)} ${signersNote(signers)}
    <details class="aside" ${!links && html` open`}>
      <summary>Files to check it with</summary>
      <ul class="files">
        ${beside.map(({ file, bytes: size }) => html`<li>${links ? html`<a href="${links.evidence(run, file)}">${file}</a>` : html`<code>${file}</code>`} <span class="muted">${size} bytes</span></li>`)}
      </ul>
      ${
        links &&
        html`<p>
          What they prove and what they do not stands on the <a href="${links.checklist(run)}">checklist</a>.
        </p>`
      }
    </details>
  </section>`
}

export function checkList(checks: Standing['checks']): Markup {
  return html`<ul class="checks">
    ${checks.map(({ name, status, message }) => html`<li data-check="${status}"><b>${{ ok: '✓', failed: '✕', unproven: '?' }[status]} ${name}</b> ${sentence(message)}</li>`)}
  </ul>`
}

/** By whose list of keys the signatures were judged. */
export function signersNote(signers: string): Markup {
  return html`<p class="muted">
    ${signers === 'none' ? 'There is no list of allowed signers here, so no signature was judged.' : `Judged with ssh-keygen when this page was made, by ${signers}.`}
  </p>`
}

const verdicts = { good: '✓ valid', bad: '✕ not valid', unsigned: '✕ UNSIGNED', unjudged: '? not judged' }

export function signatureTable(signatures: readonly JudgedSignature[], over: boolean): Markup {
  if (signatures.length === 0)
    return html`<p>
      <span class="badge open">UNSIGNED</span>
      ${over ? 'This run has no seal and no approval: nothing proves who made it.' : 'Nothing is signed yet.'}
    </p>`
  return html`<table class="signatures">
    <thead>
      <tr>
        <th>Signature</th>
        <th>By</th>
        <th>Key and purpose</th>
        <th>When</th>
      </tr>
    </thead>
    <tbody>
      ${signatures.map(
        (one) =>
          html`<tr data-verdict="${one.verdict}">
            <td>
              ${one.of}<br /><b>${verdicts[one.verdict]}</b>${one.problem !== '' && html` ${one.problem}`}
            </td>
            <td>${one.by}</td>
            <td>${one.key ? html`<code>${one.key}</code> ` : ''}<code>${one.namespace}</code></td>
            <td><time datetime="${one.at}">${shortTime(one.at)}</time></td>
          </tr>`,
      )}
    </tbody>
  </table>`
}
