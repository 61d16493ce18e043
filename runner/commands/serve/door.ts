import { createHash } from 'node:crypto'
import type { Context } from 'hono'
import { always } from '../../http/request-rules.ts'
import { html } from '../../pages/markup.ts'

/** Hands the token of the address in by itself: a fragment reaches no server and no log. */
const script =
  "const f=document.forms[0],t=location.hash.slice(1);if(t){f.token.value=t;history.replaceState(null,'',location.pathname);f.submit()}"
const style =
  ':root{color-scheme:light dark;font:1rem/1.5 system-ui,sans-serif}body{max-width:26rem;margin:15vh auto;padding:0 1rem}label{display:block}input,button{font:inherit;padding:.5rem .7rem;margin:.3rem .5rem .3rem 0;box-sizing:border-box}input{width:100%;font-family:ui-monospace,monospace}'

const hash = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`
const policy = `default-src 'none';script-src ${hash(script)};style-src ${hash(style)};form-action 'self';base-uri 'none';frame-ancestors 'none'`

/** The page where a browser is let in. */
export function doorPage(context: Context, status: 200 | 401 | 429, words = ''): Response {
  const body = html`<main>
    <h1>Runbook</h1>
    ${words !== '' && html`<p role="alert">${words}</p>`}
    <form method="post" action="." autocomplete="off">
      <label
        >Code that <code>runbook serve</code> printed<input
          name="token"
          required
          maxlength="64"
          autocapitalize="characters"
          autofocus
      /></label>
      <button>Open</button>
    </form>
  </main>`
  const head = `<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Open Runbook</title><style>${style}</style>`
  return context.html(
    `<!doctype html><html lang="en"><head>${head}</head><body>${body.markup}<script>${script}</script></body></html>`,
    status,
    { ...always, 'content-security-policy': policy },
  )
}
