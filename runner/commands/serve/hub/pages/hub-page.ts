import { createHash } from 'node:crypto'
import type { Context } from 'hono'
import { always } from '../../../../http/request-rules.ts'
import { html } from '../../../../pages/markup.ts'
import type { Markup } from '../../../../pages/markup.ts'

const style =
  ':root{color-scheme:light dark;font:1rem/1.5 system-ui,sans-serif}body{max-width:60rem;margin:8vh auto;padding:0 1rem}table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.3rem .8rem .3rem 0;vertical-align:top;border-bottom:1px solid #8884;overflow-wrap:anywhere}label{display:block;margin:.4rem 0}input,select,button{font:inherit;padding:.3rem .6rem}input:not([type=checkbox]){width:min(100%,30rem);box-sizing:border-box;display:block}pre{overflow:auto;padding:.8rem;border:1px solid #8884}form.act{display:inline}'
const hash = createHash('sha256').update(style).digest('base64')
const policy = `default-src 'none';style-src 'sha256-${hash}';form-action 'self';base-uri 'none';frame-ancestors 'none'`

/** A page of the hub itself: without scripts, and without the frame of the site. */
export function hubPage(
  context: Context,
  status: 200 | 403 | 404 | 409 | 422 | 503,
  title: string,
  body: Markup,
): Response {
  const page = html`<main>
    <h1>${title}</h1>
    ${body}
  </main>`
  const head = html`<meta charset="utf-8" /><meta name="viewport" content="width=device-width" />
    <title>${title} · Runbook</title>`
  const markup = `<!doctype html><html lang="en"><head>${head.markup}<style>${style}</style></head><body>${page.markup}</body></html>`
  return context.html(markup, status, { ...always, 'content-security-policy': policy })
}
