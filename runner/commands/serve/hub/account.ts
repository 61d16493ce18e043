import type { HttpBindings } from '@hono/node-server'
import type { Context, Hono } from 'hono'
import type { Outcome } from '../../../model/problem.ts'
import { html } from '../../../pages/markup.ts'
import { may } from '../../../permissions/may.ts'
import { listTokens, makeToken, replaceToken, tokenDays, tokenOf } from './api-tokens.ts'
import { readAudit } from './audit.ts'
import type { Hub } from './hub.ts'
import type { HubGuard, SignedIn } from './hub-guard.ts'
import { accountPage, newTokenPage } from './pages/account-page.ts'
import { adminPage } from './pages/admin-page.ts'
import { hubPage } from './pages/hub-page.ts'
import { hubRoutes } from './routes.ts'
import type { HubRouteName } from './routes.ts'
import { endSessions } from './sessions.ts'
import type { HubSession } from './sessions.ts'

/** Most lines of the audit on the page; the command line prints all. */
const mostLines = 200

interface Visit {
  context: Context
  session: SignedIn
  /** A field of the form, without spaces at its ends. */
  field(name: string): string
}

/** Adds the pages on which people look after their tokens, and administrators after everybody's. */
export function addAccount(app: Hono<{ Bindings: HttpBindings }>, hub: Hub, guard: HubGuard): void {
  const { base, store, tokens: forms, now } = hub

  const handlers: Partial<Record<HubRouteName, (visit: Visit) => Promise<Response>>> = {
    account,
    makeToken: make,
    replaceToken: replace,
    dropToken: (visit) => drop(visit, 'account/', ({ owner }) => owner === visit.session.person),
    logout,
    admin,
    revokeToken: (visit) => drop(visit, 'admin/', () => true),
    endSessions: end,
  }
  for (const [name, handle] of Object.entries(handlers) as [
    HubRouteName,
    (visit: Visit) => Promise<Response>,
  ][]) {
    const route = hubRoutes[name]
    app.on(route.method, base + route.path, async (context) => {
      const session = await guard.admit(context, route)
      if (session instanceof Response) return session
      const form = route.act ? new URLSearchParams(await context.req.text()) : new URLSearchParams()
      return handle({ context, session, field: (field) => (form.get(field) ?? '').trim() })
    })
  }

  async function account({ context, session }: Visit): Promise<Response> {
    const directory = hub.directory()
    const { roles, groupRoles } = session.principal
    const own = (await listTokens(store)).filter(({ owner }) => owner === session.person)
    const view = accountPage({
      base,
      person: session.person,
      roles,
      groupRoles,
      tokens: own,
      rights: [...new Set([...roles, ...groupRoles].flatMap((role) => directory.rights[role] ?? []))],
      isAdmin: may(session.principal, hubRoutes.admin, undefined, directory.rights) === 'allow',
      form: (act) => forms.issue(session, [act]),
    })
    return hubPage(context, 200, 'Account', view, hub)
  }

  async function make(visit: Visit): Promise<Response> {
    const { session, field } = visit
    if (!(await isFirst(visit, 'make'))) return notAgain(visit.context)
    const wish = {
      kind: field('kind') === 'service' ? ('service' as const) : ('agent' as const),
      owner: session.person,
      label: field('label'),
      scope: field('scope').split(/\s+/).filter(Boolean),
      days: Number(field('days') || tokenDays.usual),
    }
    return shownOnce(visit, await makeToken(store, wish, now()))
  }

  async function replace(visit: Visit): Promise<Response> {
    const id = visit.field('id')
    const old = await tokenOf(store, id)
    const isOwn = old !== undefined && old.owner === visit.session.person
    if (!isOwn || !(await isFirst(visit, `replace ${id}`))) return notAgain(visit.context)
    return shownOnce(visit, await replaceToken(store, old, now()))
  }

  function shownOnce({ context }: Visit, made: Outcome<{ text: string }>): Response {
    return made.ok
      ? hubPage(context, 200, 'New token', newTokenPage(base, made.value.text), hub)
      : hubPage(context, 422, 'No token was made', html`<p>${made.problem.message}.</p>`, hub)
  }

  async function drop(
    visit: Visit,
    back: string,
    isAllowed: (token: { owner: string }) => boolean,
  ): Promise<Response> {
    const id = visit.field('id')
    const token = await tokenOf(store, id)
    if (!token || !isAllowed(token) || !(await isFirst(visit, `revoke ${id}`))) return notAgain(visit.context)
    await store.take('token', id)
    return seeOther(visit.context, base + back)
  }

  async function admin({ context, session }: Visit): Promise<Response> {
    const sessions: HubSession[] = []
    await endSessions(store, (one) => {
      sessions.push(one)
      return false
    })
    const { lines, problems } = readAudit(await store.audit())
    const view = adminPage({
      base,
      sessions,
      problems,
      tokens: await listTokens(store),
      lines: lines.slice(-mostLines).toReversed(),
      form: (act) => forms.issue(session, [act]),
    })
    return hubPage(context, 200, 'Administration', view, hub)
  }

  async function end(visit: Visit): Promise<Response> {
    const person = visit.field('person')
    if (!(await isFirst(visit, `end ${person}`))) return notAgain(visit.context)
    await endSessions(store, (one) => one.person === person)
    return seeOther(visit.context, `${base}admin/`)
  }

  async function logout(visit: Visit): Promise<Response> {
    const { context, session } = visit
    if (!(await isFirst(visit, 'logout'))) return notAgain(context)
    // First of all: the provider may be away.
    await store.take('session', session.id)
    const elsewhere = await hub.provider.end().catch(() => undefined)
    return hubPage(
      context,
      200,
      'Signed out',
      html`<p>The session of this browser has ended. <a href="${base}login">Sign in again</a></p>
        ${elsewhere && html`<p><a href="${elsewhere.href}">Sign out of the provider, too</a></p>`}`,
    )
  }

  /** Uses the token of a form up, when it is for this act of this session. */
  async function isFirst({ session, field }: Visit, act: string): Promise<boolean> {
    const token = field('~token')
    return forms.fits(session, [act], token) && (await forms.use(token))
  }

  function notAgain(context: Context): Response {
    return hubPage(
      context,
      409,
      'Nothing was done',
      html`<p>This form was sent before, or is not one of this session.</p>
        <p><a href="${base}account/">To the account</a></p>`,
      hub,
    )
  }
}

function seeOther(context: Context, location: string): Response {
  return context.body(null, 303, { location, 'cache-control': 'no-store' })
}
