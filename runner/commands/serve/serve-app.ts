import type { HttpBindings } from '@hono/node-server'
import { Hono } from 'hono'
import type { Context } from 'hono'
import { onlyHost, onlyOwnForms, plain } from '../../http/request-rules.ts'
import { perMinute } from '../../http/rate.ts'
import { answer } from './acts/answer.ts'
import { attesting } from './acts/attest.ts'
import { decide, signing } from './acts/decide.ts'
import { resume, rollback, stop, watch } from './acts/control.ts'
import { person } from './acts/person.ts'
import { preview } from './acts/preview.ts'
import { start, startable } from './acts/start.ts'
import { makeStreams } from './changes.ts'
import { doorPage } from './door.ts'
import { servePage } from './page-server.ts'
import type { PageSource } from './page-server.ts'
import type { Room, Visit } from './room.ts'
import { routes } from './routes.ts'
import type { RouteName } from './routes.ts'

type Env = { Bindings: HttpBindings }
type Handler = (visit: Visit) => Response | Promise<Response>

/** Most acts of one browser, and most attempts to be let in, within a minute. */
const limits = { acts: 30, opens: 10 }

/** The app of `runbook serve`: pages and acts for browsers that were let in. */
export function serveApp(room: Room, site: PageSource): Hono<Env> {
  const { access, base, origin } = room
  const app = new Hono<Env>()
  const mayAct = perMinute(limits.acts)
  const mayOpen = perMinute(limits.opens)
  const streams = makeStreams()
  const sources = [room.pages, startable(room, site), site]

  const handlers: Record<
    Exclude<RouteName, 'door' | 'open' | 'signing' | 'sign' | 'attesting' | 'attest'>,
    Handler
  > = {
    person,
    changes: streams.follow,
    preview,
    answer,
    decide,
    stop,
    resume,
    rollback,
    watch,
    start,
    page: ({ context, session }) => servePage(context, { base, folder: access.folder, sources }, session),
  }

  app.use(onlyHost(new URL(origin).host))
  app.use(onlyOwnForms(origin))
  app.get(base + routes.door.path, (context) => doorPage(context, 200))
  app.post(base + routes.open.path, async (context) => {
    if (!mayOpen('')) return doorPage(context, 429, 'Too many attempts. Wait a minute.')
    const { token } = await context.req.parseBody()
    const opened = access.open(typeof token === 'string' ? token : '')
    if (!('cookie' in opened)) return doorPage(context, 401, refusals[opened.refused])
    return context.body(null, 303, {
      location: access.folder + room.home(),
      'set-cookie': opened.cookie,
      'cache-control': 'no-store',
    })
  })
  // The pages of passkeys are apps of their own, with their own rules beside these.
  const passkeyPages = [
    [routes.sign.path, signing(room)],
    [routes.attest.path, attesting(room)],
  ] as const
  for (const [path, pages] of passkeyPages) {
    app.on(['GET', 'POST'], access.folder + path, async (context, next) => {
      const visit = await visitOf(context)
      return visit instanceof Response ? visit : next()
    })
    app.route(access.folder + path, pages)
  }
  for (const [name, handle] of Object.entries(handlers) as [keyof typeof handlers, Handler][]) {
    const { method, path } = routes[name]
    app.on(method, access.folder + path, async (context) => {
      const visit = await visitOf(context)
      return visit instanceof Response ? visit : handle(visit)
    })
  }
  app.all('*', (context) =>
    context.req.path.startsWith(access.folder)
      ? plain(context, 405, 'This page is read, or has another act')
      : plain(context, 401, closed),
  )
  app.onError((_, context) =>
    plain(context, 500, 'This page could not be rendered. The run may be damaged; see `runbook verify`.'),
  )
  return app

  /** The browser of a request and its form, or why it is refused. */
  async function visitOf(context: Context): Promise<Visit | Response> {
    const session = access.session(context.req.header('cookie'))
    if (session === 'twice') return plain(context, 400, 'Two cookies have the name of this server')
    if (!session) return plain(context, 401, closed)
    if (context.req.method !== 'POST') return { room, context, session, fields: [] }
    if (!mayAct(session.id)) return plain(context, 429, 'Too many acts in a minute; nothing was done')
    const isForm =
      context.req.header('content-type')?.startsWith('application/x-www-form-urlencoded') === true
    const fields = isForm ? [...new URLSearchParams(await context.req.text())] : []
    return { room, context, session, fields }
  }
}

const closed =
  'This site is open to the account that serves it. Open the address that `runbook serve` printed last.'

const refusals = {
  wrong: 'This is not the code that was printed last. Each lets one browser in.',
  expired: 'The code is older than a minute. The server has printed another one.',
}
