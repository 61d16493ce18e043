import { html } from '../../../../pages/markup.ts'
import type { Markup } from '../../../../pages/markup.ts'
import { dayAndClock } from '../../../../pages/page-time.ts'
import type { Token } from '../api-tokens.ts'
import type { AuditLine } from '../audit.ts'
import type { HubSession } from '../sessions.ts'
import { tokenForm, tokensTable } from './account-page.ts'
import { cell } from './cell.ts'

export interface AdminView {
  base: string
  tokens: readonly Token[]
  sessions: readonly HubSession[]
  lines: readonly AuditLine[]
  problems: readonly string[]
  form(act: string): string
}

/** Tokens and sessions of everybody, and the last acts. */
export function adminPage({ base, tokens, sessions, lines, problems, form }: AdminView): Markup {
  const people = [...new Set(sessions.map(({ person }) => person))].toSorted()
  return html`${problems.map((problem) => html`<p class="problem" role="alert">${problem}</p>`)}
    <h2>Tokens</h2>
    ${tokensTable(tokens, true, (token) => [
      tokenForm(`${base}admin/tokens/revoke`, token, form(`revoke ${token.id}`), 'Revoke'),
    ])}
    <h2>Sessions</h2>
    <table>
      <thead>
        <tr>
          <th>Person</th>
          <th>Sessions</th>
          <td></td>
        </tr>
      </thead>
      <tbody>
        ${people.map(
          (person) =>
            html`<tr>
              <td>${person}</td>
              ${cell('Sessions', String(sessions.filter((one) => one.person === person).length))}
              <td>
                <form method="post" action="${base}admin/sessions/end" class="act inline">
                  <input type="hidden" name="~token" value="${form(`end ${person}`)}" /><input
                    type="hidden"
                    name="person"
                    value="${person}"
                  /><button>End</button>
                </form>
              </td>
            </tr>`,
        )}
      </tbody>
    </table>
    <h2>Audit</h2>
    <table>
      <thead>
        <tr>
          <th>At (UTC)</th>
          <th>Who</th>
          <th>Known by</th>
          <th>Act</th>
          <th>About</th>
          <th>Outcome</th>
        </tr>
      </thead>
      <tbody>
        ${lines.map(
          ({ at, who, proof, by, act, about, outcome }) =>
            html`<tr>
              <td><time datetime="${at}">${dayAndClock(at)}</time></td>
              ${cell('Who', who)} ${cell('Known by', `${proof} ${by}`)} ${cell('Act', act)}
              ${about === '' ? html`<td></td>` : cell('About', about)} ${cell('Outcome', outcome)}
            </tr>`,
        )}
      </tbody>
    </table>`
}
