import { counted } from '../../../../model/counted.ts'
import { html } from '../../../../pages/markup.ts'
import type { Markup } from '../../../../pages/markup.ts'
import { shortTime } from '../../../../pages/page-time.ts'
import { badge } from '../../../../pages/tone-badge.ts'
import type { Tone } from '../../../../journal/story/tone.ts'
import type { ReadFleet } from '../../../../team/fleet/believe.ts'
import type { TargetStanding } from '../../../../team/fleet/standing.ts'
import { countWords, nextSteps } from '../../../shared/team/fleets.ts'
import { declinedWords } from '../../../shared/team/team-words.ts'
import { cell } from './cell.ts'
import { fleetBadge } from './orders-page.ts'

const targetTones: Record<TargetStanding['state'], Tone> = {
  'not-started': 'info',
  running: 'info',
  done: 'ok',
  failed: 'bad',
  'rolled-back': 'warn',
  'rollback-failed': 'bad',
}

/** An order over many targets: each wave, and each target with its run. */
export function fleetPage(read: ReadFleet, base: string): Markup {
  const { fleet, standing: now, acts, refused, doubt } = read
  return html`<p class="now">
      ${fleetBadge(now)} ${[now.why, countWords(now)].filter((words) => words !== '').join('; ')}
    </p>
    ${doubt === undefined ? '' : html`<p class="problem" role="alert">Runners do not believe it: ${doubt}.</p>`}
    <p>
      <code>${fleet.fleet}</code>, ordered by ${fleet.by.id}
      <time datetime="${fleet.at}">${shortTime(fleet.at)}</time>. ${String(now.spent)} of
      ${counted(fleet.budget, 'failure')} spent.
    </p>
    ${nextSteps(read).map((step) => {
      const [words, command] = step.split(/: (?=runbook )/)
      return html`<p>${words}: <code>${command}</code></p>`
    })}
    ${acts.map(
      ({ act, wave, reason, by, at }) =>
        html`<p>
          <time datetime="${at}">${shortTime(at)}</time> ${by.id}: ${act}${wave > 0 ? ` wave ${wave}` : ''}
          ${reason}
        </p>`,
    )}
    ${refused.map((words) => html`<p class="problem" role="alert">Does not count: ${words}</p>`)}
    <h2>Waves</h2>
    <table>
      <thead>
        <tr>
          <th>Wave</th>
          <th>Targets</th>
          <th>State</th>
          <th>Approved by</th>
        </tr>
      </thead>
      <tbody>
        ${now.waves.map(
          ({ wave, approvedBy, ...counts }) =>
            html`<tr>
              ${cell('Wave', String(wave))} ${cell('Targets', String(counts.targets))}
              ${cell('State', countWords(counts))}
              ${approvedBy === '' ? html`<td></td>` : cell('Approved by', approvedBy)}
            </tr>`,
        )}
      </tbody>
    </table>
    <h2>Targets</h2>
    <table>
      <thead>
        <tr>
          <th>Target</th>
          <th>Wave</th>
          <th>State</th>
          <th>Run</th>
        </tr>
      </thead>
      <tbody>
        ${now.list.map(
          ({ name, wave, state, run, waiting, declined }) =>
            html`<tr>
              <td>${name}</td>
              ${cell('Wave', String(wave))}
              <td>
                ${badge(targetTones[state], state.replaceAll('-', ' '))}
                ${[
                  ...(waiting === '' || state !== 'running' ? [] : [`waits at ${waiting}`]),
                  ...declinedWords(declined),
                ].join('; ')}
              </td>
              ${state === 'not-started' ? html`<td></td>` : cell('Run', html`<a href="${base}runs/${run.toLowerCase()}/">${run}</a>`)}
            </tr>`,
        )}
      </tbody>
    </table>`
}
