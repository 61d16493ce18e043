import { createHash } from 'node:crypto'
import type { Context, MiddlewareHandler } from 'hono'
import { always, isNavigation } from '../../http/request-rules.ts'
import { inlineStyle } from '../../pages/inline-style.ts'
import { html } from '../../pages/markup.ts'
import { sentence } from '../../pages/page-text.ts'

/** Hands the token of the address in by itself: a fragment reaches no server and no log. */
const script =
  "const f=document.forms[0],t=location.hash.slice(1);if(t){f.token.value=t;history.replaceState(null,'',location.pathname);f.submit()}"
const style = inlineStyle('hub.css')

const hash = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`
const policy = `default-src 'none';script-src ${hash(script)};style-src ${hash(style)};form-action 'self';base-uri 'none';frame-ancestors 'none'`

/**
 * The page where a browser is let in.
 * @param door its address, to which the code goes
 */
export function doorPage(context: Context, door: string, status: 200 | 401 | 429, words = ''): Response {
  const body = html`<header class="top"><a class="brand" href="${door}">Runbook</a></header>
    <main>
      <h1>Open this site</h1>
      ${words !== '' && html`<p role="alert">${sentence(words)}</p>`}
      <form class="act" method="post" action="${door}" autocomplete="off">
        <label
          >Code that <code>runbook serve</code> printed<input
            name="token"
            required
            maxlength="64"
            autocapitalize="characters"
            autofocus
        /></label>
        <p><button class="main">Open</button></p>
      </form>
    </main>`
  const head = `<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Open Runbook</title><style>${style}</style>`
  return context.html(
    `<!doctype html><html lang="en"><head>${head}</head><body>${body.markup}<script>${script}</script></body></html>`,
    status,
    { ...always, 'content-security-policy': policy },
  )
}

/** Who is not let in, and reads that as a page, gets the door with the reason: the code can be typed there. */
export function closedAsDoor(door: string): MiddlewareHandler {
  return async (context, next) => {
    await next()
    const isText = context.res.headers.get('content-type')?.startsWith('text/plain') === true
    if (context.res.status !== 401 || !isText || !isNavigation(context)) return
    const words = (await context.res.text()).trimEnd()
    // Undefined first: otherwise headers of the refusal stay.
    context.res = undefined
    context.res = doorPage(context, door, 401, words)
  }
}
