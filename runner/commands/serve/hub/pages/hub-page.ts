import { createHash } from 'node:crypto'
import type { Context } from 'hono'
import { always } from '../../../../http/request-rules.ts'
import { inlineStyle } from '../../../../pages/inline-style.ts'
import { html } from '../../../../pages/markup.ts'
import type { Markup } from '../../../../pages/markup.ts'
import type { Hub } from '../hub.ts'

const style = inlineStyle('hub.css')
const hash = createHash('sha256').update(style).digest('base64')
const policy = `default-src 'none';style-src 'sha256-${hash}';form-action 'self';base-uri 'none';frame-ancestors 'none'`

type Base = Pick<Hub, 'base' | 'config'>

/** Where a page lies. Without the configuration of a hub, the bar leads home alone. */
export interface PagePlace {
  base: string
  config?: Hub['config']
}

/** A page of the hub or of `runbook serve` itself: without scripts and requests for more, in the style of the site. */
export function hubPage(
  context: Context,
  status: 200 | 400 | 401 | 403 | 404 | 409 | 410 | 422 | 428 | 429 | 500 | 503,
  title: string,
  body: Markup,
  /** For whoever was let in. */
  place?: PagePlace,
): Response {
  const ways = place?.config && waysIn({ base: place.base, config: place.config })
  const page = html`<header class="top">
      <a class="brand" href="${place?.base ?? './'}">Runbook</a>
      ${ways && html`<nav aria-label="Hub">${ways.map(([name, path]) => html`<a href="${path}" ${name === title && html` aria-current="page"`}>${name}</a>`)}</nav>`}
    </header>
    <main>
      <h1>${title}</h1>
      ${body}
    </main>`
  const head = html`<meta charset="utf-8" /><meta name="viewport" content="width=device-width" />
    <title>${title} · Runbook</title>`
  const markup = `<!doctype html><html lang="en"><head>${head.markup}<style>${style}</style></head><body>${page.markup}</body></html>`
  return context.html(markup, status, { ...always, 'content-security-policy': policy })
}

/** Where the bar leads. */
function waysIn({ base, config }: Base): [name: string, path: string][] {
  return [['Runbooks', base], ['Runs', `${base}runs/`], ...ownWays({ base, config })]
}

function ownWays({ base, config }: Base): [name: string, path: string][] {
  const ofTeam: [string, string][] = [
    ['Orders', `${base}orders/`],
    ['Runners', `${base}runners/`],
  ]
  return [...(config.team === undefined ? [] : ofTeam), ['Account', `${base}account/`]]
}

/** The same for the foot of the pages of the site, which have their own bar. */
export function hubFoot(hub: Base): Markup {
  const links = ownWays(hub).map(([name, path], at) => html`${at > 0 && ' · '}<a href="${path}">${name}</a>`)
  return html`<p>${links}</p>`
}
