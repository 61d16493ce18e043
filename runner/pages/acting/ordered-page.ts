import { counted } from '../../model/counted.ts'
import { html } from '../markup.ts'
import type { Markup } from '../markup.ts'
import { sentence } from '../page-text.ts'
import { shortTime } from '../page-time.ts'
import type { Links } from '../run-addresses.ts'
import { inputList } from '../run-head.ts'
import { badge, toneClass } from '../tone-badge.ts'
import type { Tone } from '../../journal/story/tone.ts'

/** A run that is ordered and has no journal yet. Times are RFC 3339. */
export interface OrderedRun {
  run: string
  slug: string
  title: string
  state: 'queued' | 'taken' | 'expired' | 'withdrawn'
  by: string
  orderedAt: string
  /** Until when a runner may take it. */
  expiresAt: string
  /** Before which none takes it; empty for at once. */
  notBefore: string
  inputs: Readonly<Record<string, string>>
  /** The runner that took it, or the one that it is for; empty for any. */
  runner: string
  /** The concurrency key, and the run that has it. */
  key: string
  holder: { run: string; runner: string } | undefined
  /** Earlier orders of the same key. */
  earlier: number
  runners: readonly OrderRunner[]
  /** The form that withdraws it. */
  withdraw: { action: string; token: string }
}

interface OrderRunner {
  name: string
  isAlive: boolean
  seenAt: string
  owns: number
  /** Most runs at once. */
  most: number
  /** Why it does not take the order; empty where it can. */
  declined: string
}

/** The page of an ordered run until its journal begins: which runner can take it, and what to do when none does. */
export function orderedPage(ordered: OrderedRun, links: Links): Markup {
  const { run, slug, title, by, orderedAt, expiresAt, inputs } = ordered
  const [words, tone] = states[ordered.state]
  const page = links.run(run)
  return html`<article class="run" data-run="${run}" data-page="${page}" data-say="${words}" data-open>
    <div data-part="ordered">
      <div class="lead">
        <p class="eyebrow">Run <code>${run}</code></p>
        <h1><a href="${links.runbook(slug)}">${title}</a></h1>
        <p class="outcome ${toneClass(tone)}">${badge(tone, words)}</p>
      </div>
      ${standingWords(ordered, links).map((line) => html`<p>${line}</p>`)}
      <ul class="facts-line">
        <li>Ordered by <b>${by}</b></li>
        <li>
          Ordered <b><time datetime="${orderedAt}">${shortTime(orderedAt)}</time></b>
        </li>
        <li>
          Counts until <b><time datetime="${expiresAt}">${shortTime(expiresAt)}</time></b>
        </li>
      </ul>
      ${inputList(Object.entries(inputs).map(([name, value]) => ({ name, value })))}
      <div class="controls">
        <div class="buttons">
          <a class="button reload" href="${page}">Reload</a>
          ${
            isOver(ordered)
              ? html`<a class="button main" href="${again(ordered, links)}">Order it again</a>`
              : withdrawForm(ordered)
          }
        </div>
      </div>
      ${isOver(ordered) || ordered.state === 'taken' ? '' : runnersSection(ordered)}
    </div>
  </article>`
}

const states: Record<OrderedRun['state'], [words: string, tone: Tone]> = {
  queued: ['waiting for a runner', 'info'],
  taken: ['taken by a runner', 'info'],
  expired: ['no runner took it', 'warn'],
  withdrawn: ['withdrawn', 'warn'],
}

function isOver({ state }: OrderedRun): boolean {
  return state === 'expired' || state === 'withdrawn'
}

/** The runbook with the same inputs filled in. */
function again({ slug, inputs }: OrderedRun, links: Links): string {
  return `${links.runbook(slug)}?${String(new URLSearchParams({ ...inputs }))}`
}

/** The next event of the order, and the acts of the reader that lead to it. */
function standingWords(ordered: OrderedRun, links: Links): Markup[] {
  const { state, runner, holder, key, earlier, notBefore, runners } = ordered
  if (state === 'taken')
    return [html`<b>${runner}</b> has taken it. This page shows the run when its first step begins.`]
  if (state === 'withdrawn') return [html`No step of it ran.`]
  if (state === 'expired') return [html`No step of it ran. Its time has passed.`]
  const could = runners.filter(
    (one) => one.isAlive && one.declined === '' && (runner === '' || runner === one.name),
  )
  if (could.length === 0) return noneWords(ordered)
  if (holder)
    return [
      html`<a href="${links.run(holder.run)}">Another run</a> on ${holder.runner} has the key
        <code>${key}</code>. A runner takes this order once that run has ended.`,
    ]
  if (earlier > 0)
    return [html`${counted(earlier, 'earlier order')} of the key <code>${key}</code> comes first.`]
  if (notBefore !== '' && Date.parse(notBefore) > Date.now())
    return [html`No runner takes it before <time datetime="${notBefore}">${shortTime(notBefore)}</time>.`]
  if (could.every(({ owns, most }) => owns >= most))
    return [
      html`Each runner has as many runs as it drives at once. The first that ends one takes this order.`,
    ]
  return [html`A runner takes it within seconds. This page then shows the run.`]
}

function noneWords({ runner, runners }: OrderedRun): Markup[] {
  const isRefused = runners.some(({ isAlive, declined }) => isAlive && declined !== '')
  return [
    isRefused
      ? html`<b>No runner can take it.</b> Fix what is said below, withdraw this order, and order it again.`
      : html`<b>${runner === '' ? 'No runner is seen' : `The runner ${runner} is not seen`}.</b> Start it on
          its machine: <code>runbook runner</code>. It takes the order by itself.`,
    html`If you do the steps by hand meanwhile, withdraw the order: a runner that comes back takes it else.`,
  ]
}

function withdrawForm({ withdraw, state }: OrderedRun): Markup | undefined {
  if (state !== 'queued') return undefined
  return html`<form method="post" action="${withdraw.action}" class="act">
    <input type="hidden" name="~token" value="${withdraw.token}" /><button class="danger">
      Withdraw the order
    </button>
  </form>`
}

function runnersSection({ runners, runner: wanted }: OrderedRun): Markup {
  const shown = wanted === '' ? runners : runners.filter(({ name }) => name === wanted)
  return html`<h2>Runners</h2>
    ${shown.length === 0 && html`<p>The team has none yet.</p>`}
    <ul>
      ${shown.map(
        ({ name, isAlive, seenAt, owns, most, declined }) =>
          html`<li>
            <b>${name}</b> ${isAlive ? badge('ok', 'alive') : badge('bad', 'not seen')}
            ${
              isAlive
                ? `${owns} of ${counted(most, 'run')}`
                : html`since <time datetime="${seenAt}">${shortTime(seenAt)}</time>`
            }${declined !== '' && html`: does not take it: ${sentence(declined)}`}
          </li>`,
      )}
    </ul>`
}
