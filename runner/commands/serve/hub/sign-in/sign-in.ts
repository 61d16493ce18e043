import { createHash, randomBytes } from 'node:crypto'
import type { HttpBindings } from '@hono/node-server'
import type { Context, Hono } from 'hono'
import { deleteCookie, getCookie } from 'hono/cookie'
import * as z from 'zod'
import { always, isNavigation, plain } from '../../../../http/request-rules.ts'
import { html } from '../../../../pages/markup.ts'
import { remoteAddress } from '../hub.ts'
import type { Hub } from '../hub.ts'
import { hubPage } from '../pages/hub-page.ts'
import { hubRoutes } from '../routes.ts'
import { digest, endSessions, sessionCookie, sessionTimes, startSession } from '../sessions.ts'

/** Ties the answer of the provider to the browser that asked. */
const loginCookie = '__Host-rb-login'
/** Times in milliseconds: how long a sign-in may take, and how long the id of a message is remembered. */
const loginMs = 10 * 60_000
const jtiMs = 10 * 60_000
/** Most sign-ins that one address begins within a minute; behind a proxy, that is everybody. */
const mostLogins = 60

const savedSchema = z.strictObject({
  state: z.string(),
  nonce: z.string(),
  verifier: z.string(),
  maxAge: z.number(),
  next: z.string(),
})

type App = Hono<{ Bindings: HttpBindings }>

/** Adds the route by which the provider tells that a session has ended. It is for the provider, not for browsers. */
export function addBackchannel(app: App, hub: Hub): void {
  const { base, store, provider, now } = hub
  app.post(base + hubRoutes.backchannel.path, async (context) => {
    if (await isTooMany(hub, context)) return tooMany(context)
    if (context.req.header('cookie') !== undefined || context.req.header('origin') !== undefined)
      return plain(context, 400, 'This address is for the provider')
    const { logout_token: token } = await context.req.parseBody()
    const judged = await provider.told(typeof token === 'string' ? token : '')
    if (!judged.ok) return plain(context, 400, judged.problem.message)
    const { issuer, subject, sid, jti } = judged.value
    if (!(await store.add('once', { id: `logout ${jti}`, value: {}, until: now() + jtiMs })))
      return plain(context, 400, 'The logout token was used before')
    const count = await endSessions(
      store,
      (one) =>
        one.issuer === issuer &&
        (subject === undefined || one.subject === subject) &&
        (sid === undefined || one.sid === sid),
    )
    await hub.audit({
      who: '-',
      proof: 'none',
      by: `${issuer} ${subject ?? sid}`,
      act: 'backchannel-logout',
      about: `${count} sessions`,
      outcome: 'allowed',
      from: remoteAddress(context),
    })
    return context.body(null, 200, always)
  })
}

/** Adds the routes by which people sign in by the provider. */
export function addSignIn(app: App, hub: Hub): void {
  const { base, store, provider, now } = hub

  app.get(base + hubRoutes.login.path, async (context) => {
    const { next, again, whole } = context.req.query()
    // The step that a link names is in its fragment, which no server sees and the page of a provider loses.
    if (isNavigation(context) && next !== undefined && whole === undefined)
      return withFragment(context, ownPath(next), again !== undefined)
    if (await isTooMany(hub, context)) return tooMany(context)
    const [state, nonce, verifier, browser] = Array.from({ length: 4 }, secret) as [
      string,
      string,
      string,
      string,
    ]
    const maxAge = (again !== undefined ? sessionTimes.fresh : sessionTimes.longest) / 1000
    const value = { state, nonce, verifier, maxAge, next: ownPath(next) }
    try {
      const address = await provider.begin(value)
      await store.add('login', { id: digest(browser), value, until: now() + loginMs })
      return context.body(null, 303, {
        ...always,
        location: address.href,
        'set-cookie': `${loginCookie}=${browser}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=${loginMs / 1000}`,
      })
    } catch {
      return hubPage(context, 503, 'Sign in', awayWords)
    }
  })

  app.get(base + hubRoutes.callback.path, async (context) => {
    const browser = getCookie(context, loginCookie)
    const row = browser === undefined ? undefined : await store.take('login', digest(browser))
    const saved = savedSchema.safeParse(row?.value)
    deleteCookie(context, loginCookie, { path: '/', secure: true })
    if (!saved.success) {
      await told(context, '-', '', 'refused: the browser did not begin it')
      return refused(context, 'This browser did not begin a sign-in, or it took more than ten minutes.')
    }
    const { next, ...expected } = saved.data
    const judged = await provider.finish(new URL(context.req.url).search, expected)
    if (!judged.ok) {
      await told(context, '-', '', `refused: ${judged.problem.message}`)
      return refused(context, `${judged.problem.message}.`)
    }
    const { issuer, subject, sid, groups, provedAt } = judged.value
    const person = hub.directory().personOf({ issuer, subject })
    if (person === undefined) {
      await told(context, '-', `${issuer} ${subject}`, 'refused: not in people.yaml')
      return hubPage(context, 403, 'Not listed', notListed(issuer, subject))
    }
    // A person who signs in again leaves the session before.
    const before = getCookie(context, sessionCookie)
    if (before !== undefined) await store.take('session', digest(before))
    const data = { person, issuer, subject, sid, groups: groups.slice(0, 500), startedAt: now(), provedAt }
    await told(context, person, `${issuer} ${subject}`, 'allowed')
    const { cookie } = await startSession(store, data, now())
    context.header('set-cookie', cookie, { append: true })
    return context.body(null, 303, { ...always, location: next })
  })

  function told(context: Context, who: string, by: string, outcome: string): Promise<void> {
    const proof = who === '-' ? 'none' : 'session'
    return hub.audit({ who, proof, by, act: 'sign-in', about: '', outcome, from: remoteAddress(context) })
  }

  /** A path of this hub, which is all that a sign-in leads to. */
  function ownPath(next = ''): string {
    const isOwn = next.startsWith(base) && !/[\\\p{Cc}]|^\/\//u.test(next)
    return isOwn && new URL(next, hub.origin).origin === hub.origin ? next : `${base}account/`
  }
}

const fragmentScript = `const link = document.querySelector('a')
const to = new URL(link.href)
to.searchParams.set('next', to.searchParams.get('next') + location.hash)
location.replace(to)`
const fragmentPolicy = `default-src 'none';script-src 'sha256-${createHash('sha256').update(fragmentScript).digest('base64')}';base-uri 'none';frame-ancestors 'none'`

/** A page that goes on to the provider at once, with the fragment of its address. Without scripts, it goes on without. */
function withFragment(context: Context, next: string, isAgain: boolean): Response {
  const to = `?${new URLSearchParams({ next, ...(isAgain ? { again: '1' } : {}), whole: '1' }).toString()}`
  const body = html`<noscript><meta http-equiv="refresh" content="0;url=${to}" /></noscript>
    <p><a href="${to}">Sign in</a></p>`
  const markup = `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Sign in · Runbook</title></head><body>${body.markup}<script>${fragmentScript}</script></body></html>`
  return context.html(markup, 200, { ...always, 'content-security-policy': fragmentPolicy })
}

const awayWords = html`<p>The provider that people sign in at cannot be reached.</p>
  <p>Sessions that were begun go on. On the machine of a runner, <code>runbook</code> works without it.</p>`

function notListed(issuer: string, subject: string) {
  return html`<p>You signed in, and no person in <code>people.yaml</code> has this account:</p>
    <pre class="code">
logins:
  - issuer: ${issuer}
    subject: ${JSON.stringify(subject)}</pre>
    <p>Ask for these lines under your entry. An e-mail address is not enough.</p>`
}

/** The address of the sign-in is beside that of its end. */
function refused(context: Context, words: string): Response {
  const body = html`<p>${words}</p>
    <p><a href="${hubRoutes.login.path}">Sign in again</a></p>`
  return hubPage(context, 403, 'Not signed in', body)
}

async function isTooMany({ store }: Hub, context: Context): Promise<boolean> {
  return (await store.count(`login ${remoteAddress(context)}`)) > mostLogins
}

function tooMany(context: Context): Response {
  return plain(context, 429, 'Too many sign-ins from this address; wait a minute')
}

function secret(): string {
  return randomBytes(32).toString('base64url')
}
