import type { Moment } from '../journal/story/story-moment.ts'
import type { Story } from '../journal/story/story.ts'
import { html } from './markup.ts'
import type { Markup } from './markup.ts'
import { sentence } from './page-text.ts'
import { clock, dayAndClock } from './page-time.ts'
import { toneClass, toneSign } from './tone-badge.ts'
import { counted } from '../model/counted.ts'

/** The decisions and exceptions of a run, and then the whole of its course. */
export function momentSections({ head, moments, decisions }: Story): Markup {
  const course = moments.filter(({ role }) => role !== 'detail')
  return html`${
      decisions.length > 0 &&
      html`<section aria-labelledby="decisions">
        <h2 id="decisions">Decisions and exceptions</h2>
        ${momentList(decisions, head.startedAt)}
      </section>`
    }
    <section aria-labelledby="timeline" data-pagefind-ignore>
      <h2 id="timeline">Timeline</h2>
      <details class="aside" ${head.endedAt === undefined && html` open`}>
        <summary>${counted(course.length, 'moment')}, ${head.words}</summary>
        ${momentList(course, head.startedAt)}
      </details>
    </section>`
}

/** Moments with their time, in UTC; the day stands with it where it is not that of the start. */
function momentList(moments: readonly Moment[], startedAt: string): Markup {
  return html`<ol class="timeline">
    ${moments.map(
      ({ at, what, step, title, detail, tone, by, identity }) =>
        html`<li data-tone="${tone}">
          <time datetime="${at}"
            >${at.slice(0, 10) === startedAt.slice(0, 10) ? clock(at) : dayAndClock(at)}</time
          >
          <span
            ><span class="${toneClass(tone)}" aria-hidden="true"
              >${tone === 'info' ? '·' : toneSign(tone)}</span
            >
            <b>${sentence(what)}</b
            >${step !== undefined && html` <a href="#${step}">${title}</a>`}${detail !== '' && html`: ${sentence(detail)}`}</span
          >
          ${identity !== '' && html`<span class="muted">${by.id}, ${sentence(identity)}</span>`}
        </li>`,
    )}
  </ol>`
}

/** The decisions of people on one step, and its departures from the document. */
export function stepDecisions(decisions: readonly Moment[]): Markup | undefined {
  // The permission to run a step adds nothing to the fact that it ran.
  const told = decisions.filter(({ type, detail }) => type !== 'step-confirmed' || detail !== '')
  if (told.length === 0) return undefined
  return html`<ul class="answers">
    ${told.map(
      ({ what, detail, tone, by, identity }) =>
        html`<li>
          <span class="${toneClass(tone)}" aria-hidden="true">${tone === 'info' ? '·' : toneSign(tone)}</span>
          ${sentence(what)}${detail !== '' && html`: ${sentence(detail)}`}
          <span class="muted">${by.id}${identity !== '' && html`, ${sentence(identity)}`}</span>
        </li>`,
    )}
  </ul>`
}
