import type { HttpBindings } from '@hono/node-server'
import { Hono } from 'hono'
import type { Access } from '../../http/access.ts'
import { closed } from '../../http/laptop-guard.ts'
import { onlyHost, onlyOwnForms, plain } from '../../http/request-rules.ts'
import { perMinute } from '../../http/rate.ts'
import { person } from './acts/person.ts'
import { addPages } from './add-pages.ts'
import { closedAsDoor, doorPage } from './door.ts'
import type { PageSource } from './page-server.ts'
import { refusalsAsPages } from './refusal-page.ts'
import type { Room } from './room.ts'
import { routes } from './routes.ts'

type Env = { Bindings: HttpBindings }

/** Most attempts to be let in within a minute. */
const mostOpens = 10

/** The app of `runbook serve`: pages and acts for browsers that were let in. */
export function serveApp(room: Room, access: Access, site: PageSource): Hono<Env> {
  const { base, origin } = room
  const app = new Hono<Env>()
  const mayOpen = perMinute(mostOpens)
  const door = base + routes.door.path

  app.use(onlyHost(new URL(origin).host))
  app.use(refusalsAsPages({ base: access.folder, origin, door }))
  app.use(closedAsDoor(door))
  app.use(onlyOwnForms(origin))
  app.get(door, (context) => doorPage(context, door, 200))
  app.post(base + routes.open.path, async (context) => {
    if (!mayOpen('')) return doorPage(context, door, 429, 'Too many attempts. Wait a minute.')
    const { token } = await context.req.parseBody()
    const opened = access.open(typeof token === 'string' ? token : '')
    if (!('cookie' in opened)) return doorPage(context, door, 401, refusals[opened.refused])
    return context.body(null, 303, {
      location: access.folder + room.home(),
      'set-cookie': opened.cookie,
      'cache-control': 'no-store',
    })
  })
  addPages(app, room, site, { person })
  app.all('*', (context) =>
    context.req.path.startsWith(access.folder)
      ? plain(context, 405, 'This page is read, or has another act')
      : plain(context, 401, isOfEarlier(context.req.path, base) ? startedAgain : closed),
  )
  app.onError((_, context) =>
    plain(context, 500, 'This page could not be rendered. The run may be damaged; see `runbook verify`.'),
  )
  return app
}

/** Whether an address is of a server that ended: each has a folder of its own, and lets browsers in anew. */
function isOfEarlier(path: string, base: string): boolean {
  return path.startsWith(base) && /^~[\w-]{22}\//.test(path.slice(base.length))
}

const startedAgain =
  'Nothing was done: `runbook serve` was started again after this page was opened, and lets each browser in anew. ' +
  'The run goes on. Open the address that it printed last; go back in this tab for the text that you typed.'

const refusals = {
  wrong: 'This is not the code that was printed last. Each lets one browser in.',
  expired: 'The code is older than a minute. The server has printed another one.',
}
