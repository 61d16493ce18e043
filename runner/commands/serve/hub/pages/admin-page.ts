import { html } from '../../../../pages/markup.ts'
import type { Markup } from '../../../../pages/markup.ts'
import type { Token } from '../api-tokens.ts'
import type { AuditLine } from '../audit.ts'
import type { HubSession } from '../sessions.ts'
import { tokenForm, tokensTable } from './account-page.ts'

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
  return html`${problems.map((problem) => html`<p role="alert">${problem}</p>`)}
    <h2>Tokens</h2>
    ${tokensTable(tokens, (token) => [
      tokenForm(`${base}admin/tokens/revoke`, token, form(`revoke ${token.id}`), 'Revoke'),
    ])}
    <h2>Sessions</h2>
    <table>
      <tbody>
        ${people.map(
          (person) =>
            html`<tr>
              <td>${person}</td>
              <td>${String(sessions.filter((one) => one.person === person).length)}</td>
              <td>
                <form method="post" action="${base}admin/sessions/end">
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
          <th>At</th>
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
              <td>${at}</td>
              <td>${who}</td>
              <td>${proof} ${by}</td>
              <td>${act}</td>
              <td>${about}</td>
              <td>${outcome}</td>
            </tr>`,
        )}
      </tbody>
    </table>`
}
