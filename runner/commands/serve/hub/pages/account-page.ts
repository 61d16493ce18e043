import { html } from '../../../../pages/markup.ts'
import type { Markup } from '../../../../pages/markup.ts'
import { shortTime } from '../../../../pages/page-time.ts'
import type { Token } from '../api-tokens.ts'
import { tokenDays } from '../api-tokens.ts'
import { cell } from './cell.ts'

export interface AccountView {
  base: string
  person: string
  roles: readonly string[]
  groupRoles: readonly string[]
  /** The rights of the roles now. */
  rights: readonly string[]
  tokens: readonly Token[]
  isAdmin: boolean
  /** A new token for the form of an act. */
  form(act: string): string
}

/** The account of the person who signed in: their rights, their tokens, and the way out. */
export function accountPage(view: AccountView): Markup {
  const { base, person, roles, groupRoles, rights, tokens, isAdmin, form } = view
  return html`<p>Signed in as <b>${person}</b>.</p>
    <p>
      Roles: ${roles.filter((role) => role !== person).join(', ') || 'none'}.
      ${groupRoles.length > 0 && html`By groups: ${groupRoles.join(', ')}.`} Rights:
      ${rights.map((right) => html`<code>${right}</code> `)}${rights.length === 0 && 'none'}
    </p>
    <p>
      <a href="${base}account/passkey">Make a passkey for this hub</a>${
        isAdmin && html` · <a href="${base}admin/">Administration</a>`
      }
    </p>
    <form method="post" action="${base}logout" class="act inline">
      <input type="hidden" name="~token" value="${form('logout')}" /><button>Sign out</button>
    </form>
    <h2>Tokens</h2>
    <p>
      A program or an agent asks with a token. It may do what its rights and yours both allow at that moment.
    </p>
    ${tokensTable(tokens, false, (token) => [
      tokenForm(`${base}account/tokens/replace`, token, form(`replace ${token.id}`), 'Replace'),
      tokenForm(`${base}account/tokens/revoke`, token, form(`revoke ${token.id}`), 'Revoke'),
    ])}
    <h3>New token</h3>
    <form method="post" action="${base}account/tokens" class="act">
      <input type="hidden" name="~token" value="${form('make')}" />
      <label
        >For
        <select name="kind">
          <option value="agent">an agent</option>
          <option value="service">a program</option>
        </select></label
      >
      <label>Label <input name="label" required maxlength="100" /></label>
      <label
        >Rights <small>with spaces between</small
        ><input name="scope" required value="read:*" maxlength="2000"
      /></label>
      <label
        >Days
        <input
          name="days"
          type="number"
          min="1"
          max="${String(tokenDays.most)}"
          value="${String(tokenDays.usual)}"
      /></label>
      <button class="main">Make the token</button>
    </form>`
}

const kindWords: Record<Token['kind'], string> = { agent: 'an agent', service: 'a program' }

/** Tokens with their acts; `owned` also says whose each is. */
export function tokensTable(
  tokens: readonly Token[],
  owned: boolean,
  acts: (token: Token) => Markup[],
): Markup {
  if (tokens.length === 0) return html`<p>There are none.</p>`
  return html`<table>
    <thead>
      <tr>
        <th>Label</th>
        ${owned && html`<th>Owner</th>`}
        <th>For</th>
        <th>Rights</th>
        <th>Ends</th>
        <th>Id</th>
        <td></td>
      </tr>
    </thead>
    <tbody>
      ${tokens.map(
        (token) =>
          html`<tr>
            <td>${token.label}</td>
            ${owned && cell('Owner', token.owner)} ${cell('For', kindWords[token.kind])}
            ${cell('Rights', html`${token.scope.map((right) => html`<code>${right}</code> `)}`)}
            ${cell('Ends', timeOf(token.until))} ${cell('Id', html`<code class="id">${token.id}</code>`)}
            <td>${acts(token)}</td>
          </tr>`,
      )}
    </tbody>
  </table>`
}

export function tokenForm(action: string, { id }: Token, formToken: string, words: string): Markup {
  return html`<form method="post" action="${action}" class="act inline">
    <input type="hidden" name="~token" value="${formToken}" /><input
      type="hidden"
      name="id"
      value="${id}"
    /><button>${words}</button>
  </form> `
}

/** The one time that a token is shown. */
export function newTokenPage(base: string, text: string): Markup {
  return html`<p>This is the token. It is shown once: keep it where the program reads it.</p>
    <pre class="code">${text}</pre>
    <p><a href="${base}account/">Back to the account</a></p>`
}

function timeOf(at: number): Markup {
  const iso = new Date(at).toISOString()
  return html`<time datetime="${iso}">${shortTime(iso)}</time>`
}
