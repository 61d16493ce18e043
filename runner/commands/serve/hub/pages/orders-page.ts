import { runStatusWords } from '../../../../journal/story/tone.ts'
import type { Tone } from '../../../../journal/story/tone.ts'
import { counted } from '../../../../model/counted.ts'
import { html } from '../../../../pages/markup.ts'
import type { Markup } from '../../../../pages/markup.ts'
import { shortTime } from '../../../../pages/page-time.ts'
import { badge } from '../../../../pages/tone-badge.ts'
import type { ReadFleet } from '../../../../team/fleet/believe.ts'
import type { Standing } from '../../../../team/fleet/standing.ts'
import type { TeamRun, TeamRunner } from '../../../../team/port.ts'
import { countWords } from '../../../shared/team/fleets.ts'
import { declinedWords } from '../../../shared/team/team-words.ts'

/** Orders over many targets, and then the others, each with its state. */
export function ordersPage(fleets: readonly ReadFleet[], rows: readonly TeamRun[], base: string): Markup {
  if (fleets.length + rows.length === 0) return html`<p>There are no orders.</p>`
  return html`<ul class="runs">
    ${fleets.map((read) => fleetRow(read, base))}${rows.map((row) => runRow(row, base))}
  </ul>`
}

function fleetRow({ fleet, standing: now, doubt }: ReadFleet, base: string): Markup {
  return html`<li>
    <a href="${base}orders/${fleet.fleet}/"
      ><b>${fleet.slug}</b> on ${counted(fleet.targets.length, 'target')}</a
    >
    ${fleetBadge(now)}${doubt !== undefined && badge('bad', `not believed: ${doubt}`)}
    ${details([now.why, countWords(now), `ordered ${shortTime(fleet.at)} by ${fleet.by.id}`, fleet.fleet])}
  </li>`
}

function runRow({ run, slug, declined, ...row }: TeamRun, base: string): Markup {
  const [words, tone] = stateOf(row)
  const isQueued = row.state === 'queued'
  const soonest = isQueued && row.notBefore ? `not before ${shortTime(row.notBefore.toISOString())}` : ''
  const name = html`<b>${slug}</b>`
  return html`<li>
    <a href="${base}runs/${run.toLowerCase()}/">${name}</a> ${badge(tone, words)}
    ${details([
      row.waiting === '' ? '' : `waits at ${row.waiting}`,
      row.runner === null ? '' : `on ${row.runner}`,
      soonest,
      ...(isQueued ? declinedWords(declined) : []),
      `ordered ${shortTime(row.orderedAt.toISOString())}`,
      run,
    ])}
  </li>`
}

function details(parts: readonly string[]): Markup {
  return html`<span class="muted">${parts.filter((part) => part !== '').join(' · ')}</span>`
}

/** The words of a run that a runner tells about are those of its own page. */
function stateOf({ state, status, waiting }: Pick<TeamRun, 'state' | 'status' | 'waiting'>): [string, Tone] {
  if (state === 'queued') return ['waiting for a runner', 'info']
  if (state === 'expired') return [status || 'expired', 'warn']
  if (state === 'owned' && waiting !== '') return runStatusWords.waiting
  const match = Object.entries(runStatusWords).find(([name]) => name === status)
  return match?.[1] ?? [status || state, 'info']
}

/** The state of an order over many targets. */
export function fleetBadge({ state, failed }: Standing): Markup {
  return badge(state === 'ended' ? (failed === 0 ? 'ok' : 'warn') : fleetTones[state], state)
}

const fleetTones: Record<Exclude<Standing['state'], 'ended'>, Tone> = {
  running: 'info',
  waiting: 'info',
  stopped: 'warn',
  undoing: 'info',
  undone: 'warn',
  expired: 'warn',
}

/** The runners of the team, and whether each is alive. */
export function runnersPage(rows: readonly TeamRunner[]): Markup {
  if (rows.length === 0) return html`<p>There are no runners.</p>`
  return html`<ul class="runs">
    ${rows.map(
      ({ name, host, alive, owns, version, seenAt }) =>
        html`<li>
          <b>${name}</b> ${alive ? badge('ok', 'alive') : badge('bad', 'not seen')}
          ${details([
            counted(owns, 'run'),
            `on ${host}`,
            `version ${version}`,
            alive ? '' : `last seen ${shortTime(seenAt.toISOString())}`,
          ])}
        </li>`,
    )}
  </ul>`
}
