import type { Context, MiddlewareHandler } from 'hono'
import { bodyLimit } from 'hono/body-limit'

/** Most bytes of the body of an act. */
const mostBytes = 65_536

/** The headers of every answer of a server on loopback. The referrer is kept: without it browsers hide the origin of a form. */
export const always = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'cross-origin-resource-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'referrer-policy': 'same-origin',
}

/**
 * A page of another site can make its name lead here; it cannot make the browser say a name of this machine. Forwarded
 * headers are ignored.
 */
export function onlyHost(host: string): MiddlewareHandler {
  return async (context, next) =>
    context.req.header('host') === host ? next() : plain(context, 421, `Ask for this site as ${host}`)
}

/**
 * Acts come from pages of this server alone: by POST, with its origin, and as a form that only a page can send. A
 * page on another port of this machine counts as the same site, so its cookie would come along. `strict` refuses a browser
 * that does not say where a form comes from.
 */
export function onlyOwnForms(origin: string, { strict = false } = {}): MiddlewareHandler {
  const limit = bodyLimit({
    maxSize: mostBytes,
    onError: (context) => plain(context, 413, 'The form is too long'),
  })
  return async (context, next) => {
    const { method } = context.req
    if (method === 'GET' || method === 'HEAD') return next()
    if (method !== 'POST') return plain(context, 405, 'This server knows GET and POST')
    const site = context.req.header('sec-fetch-site')
    if (context.req.header('origin') !== origin || (site !== 'same-origin' && (strict || site !== undefined)))
      return plain(context, 403, 'Only a page of this server can act; nothing was done')
    const type = context.req.header('content-type')?.split(';')[0]?.trim().toLowerCase()
    if (type !== 'application/x-www-form-urlencoded' && type !== 'application/json')
      return plain(context, 415, 'An act is sent as a form; nothing was done')
    return limit(context, next)
  }
}

/** Whether a browser asks for what it will show as a page. */
export function isNavigation(context: Context): boolean {
  return context.req.header('sec-fetch-mode') === 'navigate'
}

type Status = 200 | 400 | 401 | 403 | 404 | 405 | 409 | 413 | 415 | 421 | 428 | 429 | 500 | 503

export function plain(context: Context, status: Status, words: string): Response {
  return context.text(`${words}\n`, status, always)
}
