import { counted } from '../../../../model/counted.ts'
import { html } from '../../../../pages/markup.ts'
import type { Markup } from '../../../../pages/markup.ts'
import type { ReadFleet } from '../../../../team/fleet/believe.ts'
import { countWords, nextSteps } from '../../../shared/team/fleets.ts'

/** An order over many targets: each wave, and each target with its run. */
export function fleetPage(read: ReadFleet, base: string): Markup {
  const { fleet, standing: now, acts, refused, doubt } = read
  const why = now.why === '' ? '' : `: ${now.why}`
  return html`<p><b>${now.state}</b>${why}. ${countWords(now)}.</p>
    ${doubt === undefined ? '' : html`<p role="alert">Runners do not believe it: ${doubt}.</p>`}
    <p>
      <b>${fleet.slug}</b> on ${counted(fleet.targets.length, 'target')}, ordered by ${fleet.by.id} at
      ${fleet.at}. ${String(now.spent)} of ${counted(fleet.budget, 'failure')} spent.
    </p>
    ${nextSteps(read).map((step) => html`<p><code>${step}</code></p>`)}
    ${acts.map(
      ({ act, wave, reason, by, at }) =>
        html`<p>${at} ${by.id}: ${act}${wave > 0 ? ` wave ${wave}` : ''} ${reason}</p>`,
    )}
    ${refused.map((words) => html`<p role="alert">Does not count: ${words}</p>`)}
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
              <td>${String(wave)}</td>
              <td>${String(counts.targets)}</td>
              <td>${countWords(counts)}</td>
              <td>${approvedBy}</td>
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
              <td>${String(wave)}</td>
              <td>
                ${state.replaceAll('-', ' ')}${
                  waiting === '' || state !== 'running' ? '' : `, waits at ${waiting}`
                }
                ${Object.entries(declined).map(([runner, reason]) => `not on ${runner}: ${reason} `)}
              </td>
              <td>
                ${state === 'not-started' ? '' : html`<a href="${base}runs/${run.toLowerCase()}/">${run}</a>`}
              </td>
            </tr>`,
        )}
      </tbody>
    </table>`
}
