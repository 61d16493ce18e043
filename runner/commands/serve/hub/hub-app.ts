import type { HttpBindings } from '@hono/node-server'
import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { onlyHost, onlyOwnForms, plain } from '../../../http/request-rules.ts'
import { Away } from '../../../team/refusals.ts'
import { addPages } from '../add-pages.ts'
import type { PageSource } from '../page-server.ts'
import type { Room } from '../room.ts'
import { addAccount } from './account.ts'
import { addAlerts } from './alerts.ts'
import { tellAnswer } from './hub.ts'
import type { Hub } from './hub.ts'
import type { HubGuard } from './hub-guard.ts'
import { addMcp } from './mcp.ts'
import { addMetrics } from './metrics.ts'
import type { Mirror } from './mirror.ts'
import { addPasskey } from './passkey.ts'
import { refusalsAsPages } from '../refusal-page.ts'
import { hubRoutes } from './routes.ts'
import { addBackchannel, addSignIn } from './sign-in/sign-in.ts'
import { addTeamPages, carrying } from './team-pages.ts'

/** Most bytes of a request of a program. */
const mostBytes = 262_144

/** The app of a hub: pages and acts for people who signed in, and addresses for programs with tokens. */
export function hubApp(
  hub: Hub,
  room: Room,
  guard: HubGuard,
  site: PageSource,
  mirror?: Mirror,
): Hono<{ Bindings: HttpBindings }> {
  const { base, origin } = hub
  const app = new Hono<{ Bindings: HttpBindings }>()
  app.use(onlyHost(new URL(origin).host))
  app.use(async (context, next) => {
    await next()
    await tellAnswer(hub, context)
  })
  app.use(refusalsAsPages({ base, origin, config: hub.config, signIn: base + hubRoutes.login.path }))
  app.get(base + hubRoutes.health.path, (context) => plain(context, 200, 'ok'))
  // Programs come first: the rules of forms are for browsers.
  const programs = [hubRoutes.backchannel, hubRoutes.mcp, hubRoutes.alerts]
  for (const { path } of programs)
    app.use(
      base + path,
      bodyLimit({ maxSize: mostBytes, onError: (context) => plain(context, 413, 'The body is too long') }),
    )
  addBackchannel(app, hub)
  addMcp(app, hub, room, mirror)
  addMetrics(app, hub, mirror?.port)
  addAlerts(app, hub, room, mirror)
  app.use(onlyOwnForms(origin, { strict: true }))
  if (mirror) app.use(carrying(hub, mirror))
  addSignIn(app, hub)
  addTeamPages(app, hub, room.io, guard, mirror)
  addPasskey(app, hub, guard)
  addAccount(app, hub, guard)
  addPages(app, room, site)
  app.all('*', (context) => plain(context, 405, 'This page is read, or has another act'))
  app.onError((error, context) =>
    error instanceof Away
      ? plain(context, 503, 'The database of the team is away; nothing was done')
      : plain(context, 500, 'This page could not be rendered. The run may be damaged; see `runbook verify`.'),
  )
  return app
}
